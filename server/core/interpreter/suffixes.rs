//! The file suffixes of extension modules, in the order they are tried.
//!
//! In: the version and the names in the standard library's directory. Out: `SOABI` and `EXTENSION_SUFFIXES`.
//!
//! **Invariant:** the platform is read from a file's name there; where it has none, x86-64 Linux is assumed.

use super::{Version, paths};
use crate::system::System;

const ASSUMED: &str = "x86_64-linux-gnu";

/// Returns the platform's tag and the suffixes.
pub(super) fn suffixes(system: &dyn System, version: &Version, stdlib: &str, debian: bool) -> (String, Vec<String>) {
    let (flags, platform) = platform(system, stdlib).unwrap_or_else(|| (String::new(), ASSUMED.to_owned()));
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
    (abi, suffixes)
}

/// Reads `_sysconfigdata_<flags>_linux_<platform>.py` by its name; Debian has one more without `linux_`.
fn platform(system: &dyn System, stdlib: &str) -> Option<(String, String)> {
    let listing = system.list(&paths::place(system, stdlib)).ok()?;
    listing.starting_with("_sysconfigdata_").find_map(|(name, _)| {
        let (flags, rest) = name.strip_prefix("_sysconfigdata_")?.strip_suffix(".py")?.split_once("_linux_")?;
        Some((flags.to_owned(), rest.to_owned()))
    })
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
        let rows: &[(&str, u8, bool, &str)] = &[
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
            let (_, found) = suffixes(&system, &version, stdlib, *debian);
            assert_eq!(found.join(" "), *expected);
        }
    }
}
