//! Where a user's tools keep their things: the folders of the XDG base directory specification.
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

fn folder(system: &dyn System, variable: &str, below_home: &str) -> Option<Utf8PathBuf> {
    let named = set(system, variable).map(|it| Utf8PathBuf::from(candidate::expand_home(system, &it)));
    named.filter(|it| it.is_absolute()).or_else(|| Some(candidate::home(system)?.join(below_home)))
}

/// Returns a variable that is set to something.
pub(super) fn set(system: &dyn System, variable: &str) -> Option<String> {
    system.variable(variable).filter(|it| !it.trim().is_empty())
}

/// Replaces `$NAME`, `${NAME}` and a leading `~`, as `os.path.expandvars` and `os.path.expanduser` do: what is not set
/// stays as it is.
pub(super) fn expand(system: &dyn System, text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
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
    }
}
