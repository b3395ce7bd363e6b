//! Where a user's tools keep their things: the folders of the XDG base directory specification, and those that Windows and
//! macOS have for it, which many tools take there.
//!
//! In: the variables. Out: the folders for configuration, caches and data; paths with `~` and variables in them made plain.
//!
//! **Invariant:** a folder that is not absolute counts for nothing, as the specification says.

use camino::Utf8PathBuf;

use super::candidate;
use crate::system::System;

/// `XDG_CONFIG_HOME`, or `~/.config`.
pub(super) fn config(system: &dyn System) -> Option<Utf8PathBuf> {
    folder(system, "XDG_CONFIG_HOME", ".config")
}

/// `XDG_CACHE_HOME`, or `~/.cache`.
pub(super) fn cache(system: &dyn System) -> Option<Utf8PathBuf> {
    folder(system, "XDG_CACHE_HOME", ".cache")
}

/// `XDG_DATA_HOME`, or `~/.local/share`.
pub(super) fn data(system: &dyn System) -> Option<Utf8PathBuf> {
    folder(system, "XDG_DATA_HOME", ".local/share")
}

/// `%APPDATA%` of Windows, which goes with the user from one machine to the next.
pub(crate) fn roaming(system: &dyn System) -> Option<Utf8PathBuf> {
    folder(system, "APPDATA", "AppData/Roaming")
}

/// `%LOCALAPPDATA%` of Windows.
pub(super) fn local(system: &dyn System) -> Option<Utf8PathBuf> {
    folder(system, "LOCALAPPDATA", "AppData/Local")
}

/// `%PROGRAMDATA%` of Windows: what holds for all users.
pub(crate) fn program_data(system: &dyn System) -> Utf8PathBuf {
    absolute(system, "PROGRAMDATA").unwrap_or_else(|| "C:/ProgramData".into())
}

/// `~/Library` of macOS.
pub(super) fn library(system: &dyn System) -> Option<Utf8PathBuf> {
    Some(candidate::home(system)?.join("Library"))
}

/// Returns the folder that a variable names, if it is absolute.
pub(super) fn absolute(system: &dyn System, variable: &str) -> Option<Utf8PathBuf> {
    let platform = system.platform();
    let named = set(system, variable).map(|it| candidate::expand_home(system, &it));
    named.filter(|it| platform.is_absolute(it)).map(|it| platform.path(&it))
}

fn folder(system: &dyn System, variable: &str, below_home: &str) -> Option<Utf8PathBuf> {
    absolute(system, variable).or_else(|| Some(candidate::home(system)?.join(below_home)))
}

/// Returns a variable that is set to something.
pub(crate) fn set(system: &dyn System, variable: &str) -> Option<String> {
    system.variable(variable).filter(|it| !it.trim().is_empty())
}

/// Replaces `$NAME`, `${NAME}` and a leading `~`, as `os.path.expandvars` and `os.path.expanduser` do, on Windows also
/// `%NAME%`: what is not set stays as it is.
pub(super) fn expand(system: &dyn System, text: &str) -> String {
    let text = &*if system.platform().is_windows() { between_percents(system, text) } else { text.to_owned() };
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let (name, behind) = match after.strip_prefix('{').and_then(|it| it.split_once('}')) {
            Some(braced) => braced,
            None => {
                after.split_at(after.find(|it: char| !it.is_ascii_alphanumeric() && it != '_').unwrap_or(after.len()))
            }
        };
        if let Some(value) = system.variable(name).filter(|_| !name.is_empty()) {
            expanded.push_str(&value);
        } else {
            expanded.push('$');
            expanded.push_str(after.strip_suffix(behind).unwrap_or_default());
        }
        rest = behind;
    }
    expanded.push_str(rest);
    candidate::expand_home(system, &expanded)
}

fn between_percents(system: &dyn System, text: &str) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        let value = after.split_once('%').and_then(|(name, behind)| Some((system.variable(name)?, behind)));
        expanded.push_str(before);
        match &value {
            Some((value, _)) => expanded.push_str(value),
            None => expanded.push('%'),
        }
        rest = value.map_or(after, |(_, behind)| behind);
    }
    expanded + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Platform;
    use crate::system::memory::MemorySystem;

    #[test]
    fn variables_come_before_the_usual_places() {
        let mut system = MemorySystem::default();
        system.set_variable("HOME", "/home/user").set_variable("XDG_CACHE_HOME", "~/tmp");
        system.set_variable("XDG_CONFIG_HOME", "relative");
        assert_eq!(data(&system).unwrap(), "/home/user/.local/share");
        assert_eq!(cache(&system).unwrap(), "/home/user/tmp");
        assert_eq!(config(&system).unwrap(), "/home/user/.config");
    }

    #[test]
    fn what_is_not_set_stays() {
        let mut system = MemorySystem::default();
        system.set_variable("HOME", "/home/user").set_variable("NAME", "x");
        for (text, expected) in [
            ("~/envs", "/home/user/envs"),
            ("$HOME/${NAME}s/$NAME", "/home/user/xs/x"),
            ("/a/$GONE/${GONE}/$", "/a/$GONE/${GONE}/$"),
            ("$", "$"),
            ("${", "${"),
        ] {
            assert_eq!(expand(&system, text), expected);
        }
        let mut windows = MemorySystem::of(Platform::Windows);
        windows.set_variable("USERPROFILE", r"C:\Users\u").set_variable("NAME", "x").set_variable("HOME", "/c/u");
        for (text, expected) in [
            (r"%USERPROFILE%\%NAME%s", r"C:\Users\u\xs"),
            (r"100%\%GONE%\%NAME%", r"100%\%GONE%\x"),
            (r"~\$NAME", r"C:\Users\u\x"),
            ("~x", "~x"),
        ] {
            assert_eq!(expand(&windows, text).replace('/', "\\"), expected);
        }
    }
}
