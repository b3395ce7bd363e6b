//! The folders of tools that are written in Python, as the package `platformdirs` names them for Poetry, PDM and Hatch.
//!
//! In: the name of a tool and what it asks for. Out: the folders of its configuration, its caches and its data.
//!
//! **Invariant:** the rules are those of `platformdirs`: `unix.py`, `macos.py` and `windows.py`, one for each platform.

use camino::{Utf8Path, Utf8PathBuf};

use super::user_folders;
use crate::system::{Platform, System};

/// A tool, and what it tells `platformdirs` of itself.
pub(super) struct PlatformDirs {
    pub(super) app: &'static str,
    /// `appauthor` is left open, so that on Windows the name stands twice: `pdm\pdm`.
    pub(super) by_author: bool,
    /// What it does not cache goes with the user from one Windows to the next.
    pub(super) roaming: bool,
}

impl PlatformDirs {
    /// `user_config_dir`
    pub(super) fn config(&self, system: &dyn System) -> Option<Utf8PathBuf> {
        match system.platform() {
            Platform::Windows => self.of_windows(system),
            Platform::MacOs => self.of_mac(system, "XDG_CONFIG_HOME", "Application Support"),
            Platform::Linux => Some(user_folders::config(system)?.join(self.app)),
        }
    }

    /// `user_data_dir`
    pub(super) fn data(&self, system: &dyn System) -> Option<Utf8PathBuf> {
        match system.platform() {
            Platform::Windows => self.of_windows(system),
            Platform::MacOs => self.of_mac(system, "XDG_DATA_HOME", "Application Support"),
            Platform::Linux => Some(user_folders::data(system)?.join(self.app)),
        }
    }

    /// `user_cache_dir`
    pub(super) fn cache(&self, system: &dyn System) -> Option<Utf8PathBuf> {
        match system.platform() {
            Platform::Windows => Some(self.named(&user_folders::local(system)?).join("Cache")),
            Platform::MacOs => self.of_mac(system, "XDG_CACHE_HOME", "Caches"),
            Platform::Linux => Some(user_folders::cache(system)?.join(self.app)),
        }
    }

    /// `site_config_dir`
    pub(super) fn config_of_the_machine(&self, system: &dyn System) -> Utf8PathBuf {
        match system.platform() {
            Platform::Windows => self.named(&user_folders::program_data(system)),
            Platform::MacOs => Utf8PathBuf::from("/Library/Application Support").join(self.app),
            Platform::Linux => Utf8PathBuf::from("/etc/xdg").join(self.app),
        }
    }

    fn of_windows(&self, system: &dyn System) -> Option<Utf8PathBuf> {
        let folder = if self.roaming { user_folders::roaming(system) } else { user_folders::local(system) };
        Some(self.named(&folder?))
    }

    fn named(&self, folder: &Utf8Path) -> Utf8PathBuf {
        if self.by_author { folder.join(self.app).join(self.app) } else { folder.join(self.app) }
    }

    fn of_mac(&self, system: &dyn System, variable: &str, folder: &str) -> Option<Utf8PathBuf> {
        let named = user_folders::absolute(system, variable);
        Some(named.or_else(|| Some(user_folders::library(system)?.join(folder)))?.join(self.app))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    const POETRY: PlatformDirs = PlatformDirs { app: "pypoetry", by_author: false, roaming: true };
    const PDM: PlatformDirs = PlatformDirs { app: "pdm", by_author: true, roaming: false };

    // python3 -c 'from platformdirs.windows import Windows; print(Windows("pdm").user_data_dir)', and so on
    #[test]
    fn each_platform_has_folders_of_its_own() {
        let mut windows = MemorySystem::of(Platform::Windows);
        windows.set_variable("USERPROFILE", r"C:\Users\u").set_variable("LOCALAPPDATA", r"D:\Local");
        windows.set_variable("XDG_CACHE_HOME", "/xdg").set_variable("HOME", "/c/Users/u");
        assert_eq!(POETRY.config(&windows).unwrap(), "C:/Users/u/AppData/Roaming/pypoetry");
        assert_eq!(POETRY.cache(&windows).unwrap(), "D:/Local/pypoetry/Cache");
        assert_eq!(PDM.data(&windows).unwrap(), "D:/Local/pdm/pdm");
        assert_eq!(PDM.config_of_the_machine(&windows), "C:/ProgramData/pdm/pdm");
        let mut mac = MemorySystem::of(Platform::MacOs);
        mac.set_variable("HOME", "/Users/u");
        assert_eq!(POETRY.config(&mac).unwrap(), "/Users/u/Library/Application Support/pypoetry");
        assert_eq!(POETRY.cache(&mac).unwrap(), "/Users/u/Library/Caches/pypoetry");
        assert_eq!(PDM.data(&mac).unwrap(), "/Users/u/Library/Application Support/pdm");
        assert_eq!(PDM.config_of_the_machine(&mac), "/Library/Application Support/pdm");
        mac.set_variable("XDG_CACHE_HOME", "/xdg").set_variable("XDG_DATA_HOME", "relative");
        assert_eq!(POETRY.cache(&mac).unwrap(), "/xdg/pypoetry");
        assert_eq!(PDM.data(&mac).unwrap(), "/Users/u/Library/Application Support/pdm");
        let mut linux = MemorySystem::default();
        linux.set_variable("HOME", "/home/u");
        assert_eq!(PDM.data(&linux).unwrap(), "/home/u/.local/share/pdm");
        assert_eq!(PDM.config_of_the_machine(&linux), "/etc/xdg/pdm");
    }
}
