//! The marker of a Python that pip must leave alone (PEP 668).
//!
//! In: a standard library's directory. Out: the marker and the text that pip shows of it.
//!
//! **Invariant:** a marker without a text, or one that cannot be read as INI, still counts (pip's own rule).

use super::{ExternallyManaged, paths};
use crate::configparser;
use crate::system::{LARGEST_METADATA, System};

pub(super) fn read(system: &dyn System, stdlib: &str) -> Option<ExternallyManaged> {
    let marker = paths::place(system, stdlib).join("EXTERNALLY-MANAGED");
    if !system.is_file(&marker) {
        return None;
    }
    let text = system.read(&marker, LARGEST_METADATA).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let message = text.and_then(|text| error_text(&text, language(system).as_deref())).unwrap_or_default();
    Some(ExternallyManaged { marker, message })
}

/// The value of `Error` in section `externally-managed`, in the user's language where there is one
/// (`ExternallyManagedEnvironment.from_config` of pip).
fn error_text(text: &str, language: Option<&str>) -> Option<String> {
    let marker = configparser::read(text).ok()?;
    let without_territory = |language: &str| language.split_once('_').map(|(language, _)| language.to_owned());
    let languages = language.into_iter().flat_map(|it| [Some(it.to_owned()), without_territory(it)]).flatten();
    let keys = languages.map(|it| format!("error-{}", it.to_lowercase())).chain(["error".to_owned()]);
    let values = keys.filter_map(|key| marker.get("externally-managed", &key).map(|value| value.text.clone()));
    values.take(1).next()
}

/// The language of messages as `locale.getlocale(locale.LC_MESSAGES)` has it once pip has called `setlocale(LC_ALL, "")`:
/// the first variable that is set and not empty (POSIX 8.2), without encoding and modifier; nothing for `C`.
///
/// Whether the locale is installed is not asked: one that is not would leave pip in `C`.
fn language(system: &dyn System) -> Option<String> {
    let set = |name: &&str| system.variable(name).filter(|value| !value.is_empty());
    let value = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set)?;
    let language = value.split(['.', '@']).next().unwrap_or_default();
    (!matches!(language, "" | "C" | "POSIX")).then(|| language.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    #[test]
    fn the_error_is_read_with_its_continuation() {
        let text = "[externally-managed]\nError=To install, try apt.\n \n If you wish, use a venv.\nError-de=Nein\n";
        assert_eq!(error_text(text, None).unwrap(), "To install, try apt.\n\nIf you wish, use a venv.");
        assert_eq!(error_text("garbage", None), None);
        assert_eq!(error_text("[other]\nError=x\n", None), None);
        assert_eq!(error_text("[externally-managed]\nError=a\nError=b\n", None), None);
    }

    #[test]
    fn the_error_is_in_the_users_language() {
        let mut system = MemorySystem::default();
        let text = "[externally-managed]\nError=en\nError-de=de\nError-de_AT=at\nError-C=c\n";
        system.write("/usr/lib/python3.11/EXTERNALLY-MANAGED", text);
        let mut said = |variables: &[(&str, &str)]| {
            for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
                let value = variables.iter().find(|(other, _)| *other == name).map_or("", |(_, value)| value);
                system.set_variable(name, value);
            }
            read(&system, "/usr/lib/python3.11").unwrap().message
        };
        assert_eq!(said(&[]), "en");
        assert_eq!(said(&[("LANG", "de_AT.UTF-8")]), "at");
        assert_eq!(said(&[("LANG", "de_CH.UTF-8@euro")]), "de");
        assert_eq!(said(&[("LANG", "fr_FR"), ("LC_MESSAGES", "de_DE")]), "de");
        assert_eq!(said(&[("LANG", "de_AT"), ("LC_ALL", "C.UTF-8")]), "en");
    }
}
