//! The file suffixes of extension modules, in the order they are tried.
//!
//! In: the version and the names in the standard library's directory. Out: `SOABI` and `EXTENSION_SUFFIXES`.
//!
//! **Invariant:** the platform is read from a file's name there; where it has none, x86-64 Linux is assumed.

use super::binary::Binary;
use super::pth::has_suffix;
use super::{Version, paths};
use crate::system::{Platform, System};

const ASSUMED: &str = "x86_64-linux-gnu";

/// What machines with Windows mostly are.
const ASSUMED_ON_WINDOWS: &str = "win_amd64";

/// What the standard library's directory tells of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Build {
    /// `sys.abiflags`: `d` for a debug build, `t` without the global interpreter lock.
    flags: String,
    /// What stands behind the version in names: `x86_64-linux-gnu`, `darwin`, `win_amd64`.
    platform: String,
    is_windows: bool,
}

impl Build {
    /// Takes what the names in the standard library, or the binary itself, say.
    pub(super) fn read(system: &dyn System, binary: &Binary<'_>, stdlib: &str) -> Self {
        if !system.platform().is_windows() {
            return Build::of_names(system, &binary.version, stdlib, |text| binary.holds(text));
        }
        let is_debug = binary.real.file_stem().is_some_and(|it| it.ends_with("_d"));
        Build {
            flags: if is_debug { "d" } else { "" }.to_owned(),
            platform: binary.started.tag.unwrap_or(ASSUMED_ON_WINDOWS).to_owned(),
            is_windows: true,
        }
    }

    /// Reads the names of `_sysconfigdata_<flags>_linux_<platform>.py`; Debian has one more without `linux_`.
    ///
    /// Debian's debug builds share the directory of the ordinary ones; then `holds` has to find the suffix in the code.
    fn of_names(system: &dyn System, version: &Version, stdlib: &str, holds: impl Fn(&[u8]) -> bool) -> Self {
        let listing = system.list(&paths::place(system, stdlib)).ok();
        let names = listing.iter().flat_map(|it| it.starting_with("_sysconfigdata_"));
        let builds = names.filter_map(|(name, _)| {
            let name = name.strip_prefix("_sysconfigdata_")?.strip_suffix(".py")?;
            let (flags, platform) = name.split_once("_linux_").or_else(|| name.split_once("_darwin_"))?;
            Some(Build { flags: flags.to_owned(), platform: platform.to_owned(), is_windows: false })
        });
        let (mut debug, mut ordinary): (Vec<_>, Vec<_>) = builds.partition(|it| it.flags.contains('d'));
        let platform = if system.platform() == Platform::MacOs { "darwin" } else { ASSUMED };
        let assumed = |flags: &str| Build { flags: flags.to_owned(), platform: platform.to_owned(), is_windows: false };
        if debug.is_empty() && ordinary.is_empty() {
            debug.push(assumed(if version.free_threaded { "td" } else { "d" }));
            ordinary.push(assumed(""));
        }
        // Reading the code is costly, so only where both are there.
        let in_code = || {
            let threads = if version.free_threaded { "t" } else { "" };
            holds(format!(".cpython-{}{}{threads}d-", version.major, version.minor).as_bytes())
        };
        let is_debug = !debug.is_empty() && version.at_least(3, 8) && (ordinary.is_empty() || in_code());
        let builds = if is_debug || ordinary.is_empty() { debug } else { ordinary };
        builds.into_iter().next().unwrap_or_else(|| assumed(""))
    }

    pub(super) fn is_debug(&self) -> bool {
        self.flags.contains('d')
    }
}

/// Returns `SOABI` and the suffixes.
pub(super) fn suffixes(version: &Version, build: Build, debian: bool) -> (Option<String>, Vec<String>) {
    if build.is_windows {
        return suffixes_on_windows(version, &build);
    }
    let Build { flags, platform, .. } = build;
    let digits = format!("{}{}", version.major, version.minor);
    let threads = if version.free_threaded { "t" } else { "" };
    // Up to 3.7 an `m` for the memory allocator is part of every name.
    let flags = match (version.at_least(3, 8), flags.as_str()) {
        (false, "") => "m".to_owned(),
        (_, flags) if flags.contains('t') => flags.to_owned(),
        (_, flags) => format!("{threads}{flags}"),
    };
    let abi = format!("cpython-{digits}{flags}-{platform}");
    let mut suffixes = vec![format!(".{abi}.so")];
    if flags.contains('d') && version.at_least(3, 8) {
        suffixes.push(format!(".cpython-{digits}{}-{platform}.so", flags.replace('d', "")));
    }
    let of_platform = format!(".abi3-{platform}.so");
    if version.at_least(3, 15) {
        suffixes.extend([of_platform, ".abi3.so".to_owned(), format!(".abi3t-{platform}.so"), ".abi3t.so".to_owned()]);
    } else if debian && version.at_least(3, 13) {
        suffixes.extend([".abi3.so".to_owned(), of_platform]);
    } else {
        suffixes.push(".abi3.so".to_owned());
    }
    suffixes.push(".so".to_owned());
    (Some(abi), suffixes)
}

/// PyPy has one suffix, with its own version in it (`get_so_extension` of `pypy/module/imp/importing.py`); where its code
/// does not tell, a module of its standard library does.
pub(super) fn of_pypy(system: &dyn System, binary: &Binary<'_>, stdlib: &str) -> (Option<String>, Vec<String>) {
    let by_name = || {
        let listing = system.list(&paths::place(system, stdlib)).ok()?;
        listing.iter().find_map(|(name, _)| {
            let at = name.find(".pypy3")?;
            has_suffix(name, ".so").then(|| name.get(at..).map(str::to_owned))?
        })
    };
    let suffix = binary.extension_suffix().map(str::to_owned).or_else(by_name);
    // `SOABI` of `_sysconfigdata.py`: the two first parts, without the platform.
    let abi = suffix.as_deref().and_then(|it| it.split('.').nth(1)).map(|it| {
        let parts: Vec<&str> = it.split('-').take(2).collect();
        parts.join("-")
    });
    (abi, suffix.into_iter().collect())
}

/// `_PyImport_DynLoadFiletab` of `Python/dynload_win.c`: debug builds have names of their own.
fn suffixes_on_windows(version: &Version, build: &Build) -> (Option<String>, Vec<String>) {
    let threads = if version.free_threaded { "t" } else { "" };
    let abi = format!("cp{}{}{threads}-{}", version.major, version.minor, build.platform);
    let debug = if build.is_debug() { "_d" } else { "" };
    let suffixes = vec![format!("{debug}.{abi}.pyd"), format!("{debug}.pyd")];
    (Some(abi), suffixes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    #[test]
    fn each_build_has_its_own_order() {
        let mut system = MemorySystem::default();
        system.write("/l/_sysconfigdata__linux_x86_64-linux-gnu.py", "");
        system.write("/t/_sysconfigdata_t_linux_aarch64-linux-musl.py", "");
        system.write("/d/_sysconfigdata__linux_x86_64-linux-gnu.py", "");
        system.write("/d/_sysconfigdata_d_linux_x86_64-linux-gnu.py", "");
        let rows: &[(&str, u8, bool, &str)] = &[
            ("/d", 13, true, ".cpython-313-x86_64-linux-gnu.so .abi3.so .abi3-x86_64-linux-gnu.so .so"),
            (
                "/d",
                14,
                true,
                ".cpython-314d-x86_64-linux-gnu.so .cpython-314-x86_64-linux-gnu.so .abi3.so .abi3-x86_64-linux-gnu.so .so",
            ),
            ("/l", 7, false, ".cpython-37m-x86_64-linux-gnu.so .abi3.so .so"),
            ("/l", 12, false, ".cpython-312-x86_64-linux-gnu.so .abi3.so .so"),
            ("/l", 13, true, ".cpython-313-x86_64-linux-gnu.so .abi3.so .abi3-x86_64-linux-gnu.so .so"),
            ("/t", 13, false, ".cpython-313t-aarch64-linux-musl.so .abi3.so .so"),
            (
                "/l",
                15,
                true,
                ".cpython-315-x86_64-linux-gnu.so .abi3-x86_64-linux-gnu.so .abi3.so .abi3t-x86_64-linux-gnu.so .abi3t.so .so",
            ),
            ("/nowhere", 11, false, ".cpython-311-x86_64-linux-gnu.so .abi3.so .so"),
        ];
        for (stdlib, minor, debian, expected) in rows {
            let version =
                Version { major: 3, minor: *minor, micro: None, suffix: String::new(), free_threaded: *stdlib == "/t" };
            let build = Build::of_names(&system, &version, stdlib, |text| text == b".cpython-314d-");
            let (_, found) = suffixes(&version, build, *debian);
            assert_eq!(found.join(" "), *expected);
        }
    }
}
