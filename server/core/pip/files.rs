//! The places of pip's configuration files.
//!
//! In: the prefix of a Python and the world. Out: the files that pip would read, in its order.
//!
//! **Invariant:** pip's own rules for each platform (`get_configuration_files`, `iter_config_files`, and `platformdirs`
//! for the folders); variables may name folders below the working directory.

use camino::{Utf8Path, Utf8PathBuf};

use crate::environment::user_folders::{program_data, roaming, set};
use crate::system::{Platform, System};

/// Returns the machine's files, the user's, the prefix's and the one that `PIP_CONFIG_FILE` names.
pub(super) fn files(system: &dyn System, prefix: &Utf8Path) -> Vec<Utf8PathBuf> {
    let platform = system.platform();
    let (name, nothing) = if platform.is_windows() { ("pip.ini", "nul") } else { ("pip.conf", "/dev/null") };
    let chosen = system.variable("PIP_CONFIG_FILE").filter(|it| !it.is_empty());
    if chosen.as_deref() == Some(nothing) {
        return Vec::new();
    }
    let working = system.working_directory();
    let chosen = chosen.map(|it| platform.path_from(&working, &it));
    let mut folders = of_the_machine(system, prefix);
    // Who names a file of his own does without the user's.
    if !chosen.as_ref().is_some_and(|it| system.exists(it)) {
        folders.extend(of_the_user(system));
    }
    folders.push(prefix.to_owned());
    folders.iter().map(|it| platform.path_from(&working, it.as_str()).join(name)).chain(chosen).collect()
}

/// `site_config_dirs`
fn of_the_machine(system: &dyn System, prefix: &Utf8Path) -> Vec<Utf8PathBuf> {
    match system.platform() {
        Platform::Linux => {
            let listed = set(system, "XDG_CONFIG_DIRS").unwrap_or_else(|| "/etc/xdg".to_owned());
            let listed = listed.split(':').map(|it| Utf8Path::new(it).join("pip"));
            listed.chain([Utf8PathBuf::from("/etc")]).collect()
        }
        Platform::MacOs => {
            // Up to 24.2, pip takes the two for the name of one folder.
            let homebrew = prefix.as_str().starts_with("/opt/homebrew").then_some("/opt/homebrew/share/pip");
            homebrew.into_iter().chain(["/Library/Application Support/pip"]).map(Utf8PathBuf::from).collect()
        }
        Platform::Windows => vec![program_data(system).join("pip")],
    }
}

/// The legacy folder, and `user_config_dir`.
fn of_the_user(system: &dyn System) -> Vec<Utf8PathBuf> {
    let home = home(system);
    let below = |folder: &str| Utf8PathBuf::from(format!("{home}/{folder}"));
    let new = match system.platform() {
        Platform::Linux => {
            set(system, "XDG_CONFIG_HOME").map_or_else(|| below(".config"), Utf8PathBuf::from).join("pip")
        }
        Platform::MacOs => {
            let own = below("Library/Application Support/pip");
            if system.is_directory(&own) { own } else { below(".config/pip") }
        }
        Platform::Windows => {
            return [Some(below("pip")), roaming(system).map(|it| it.join("pip"))].into_iter().flatten().collect();
        }
    };
    vec![below(".pip"), new]
}

/// `os.path.expanduser("~")`, without a slash at its end.
fn home(system: &dyn System) -> String {
    let name = if system.platform().is_windows() { "USERPROFILE" } else { "HOME" };
    let home = system.variable(name).or_else(|| system.home_of_user().map(Utf8PathBuf::into_string));
    home.map_or_else(String::new, |it| it.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    #[test]
    fn folders_of_settings_may_be_relative() {
        let mut system = MemorySystem::default();
        system.set_working_directory("/w");
        system.set_variable("XDG_CONFIG_HOME", "own").set_variable("XDG_CONFIG_DIRS", ":/x/:below");
        system.set_variable("HOME", "/h");
        let expected = ["/w/pip", "/x/pip", "/w/below/pip", "/etc", "/h/.pip", "/w/own/pip", "/v"];
        assert_eq!(files(&system, "/v".into()), expected.map(|it| Utf8PathBuf::from(it).join("pip.conf")));
    }

    // `get_configuration_files()` of pip 24.2 with `sys.platform` and the classes of `platformdirs` of each platform.
    #[test]
    fn each_platform_has_places_of_its_own() {
        let mut mac = MemorySystem::of(Platform::MacOs);
        mac.set_variable("HOME", "/Users/u/").set_variable("XDG_CONFIG_HOME", "/xdg");
        let usual = ["/Library/Application Support/pip", "/Users/u/.pip", "/Users/u/.config/pip", "/v"];
        assert_eq!(files(&mac, "/v".into()), usual.map(|it| Utf8PathBuf::from(it).join("pip.conf")));
        let homebrew = "/opt/homebrew/opt/python@3.13/Frameworks/Python.framework/Versions/3.13";
        assert_eq!(files(&mac, homebrew.into())[0], "/opt/homebrew/share/pip/pip.conf");
        mac.create_directory("/Users/u/Library/Application Support/pip");
        assert_eq!(files(&mac, "/v".into())[2], "/Users/u/Library/Application Support/pip/pip.conf");

        let mut windows = MemorySystem::of(Platform::Windows);
        windows.set_variable("USERPROFILE", r"C:\Users\u").set_variable("APPDATA", r"D:\Roaming");
        windows.set_variable("HOME", "/c/u").write(r"C:\own.ini", "");
        let plain = |it: Vec<Utf8PathBuf>| it.iter().map(|it| it.as_str().replace('\\', "/")).collect::<Vec<_>>();
        let expected =
            ["C:/ProgramData/pip/pip.ini", "C:/Users/u/pip/pip.ini", "D:/Roaming/pip/pip.ini", "C:/venv/pip.ini"];
        assert_eq!(plain(files(&windows, r"C:\venv".into())), expected);
        windows.set_variable("PIP_CONFIG_FILE", r"C:\own.ini");
        let expected = ["C:/ProgramData/pip/pip.ini", "C:/venv/pip.ini", "C:/own.ini"];
        assert_eq!(plain(files(&windows, r"C:\venv".into())), expected);
        windows.set_variable("PIP_CONFIG_FILE", "nul");
        assert!(files(&windows, r"C:\venv".into()).is_empty());
    }
}
