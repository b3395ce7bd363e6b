//! The marker of a Python that pip must leave alone (PEP 668).
//!
//! In: a standard library's directory. Out: the marker and the text it shows.
//!
//! **Invariant:** a marker without a text, or one that cannot be read as INI, still counts (pip's own rule).

use super::{ExternallyManaged, paths};
use crate::system::{LARGEST_METADATA, System};

pub(super) fn read(system: &dyn System, stdlib: &str) -> Option<ExternallyManaged> {
    let marker = paths::place(system, stdlib).join("EXTERNALLY-MANAGED");
    if !system.is_file(&marker) {
        return None;
    }
    let bytes = system.read(&marker, LARGEST_METADATA).unwrap_or_default();
    let message = error_text(&String::from_utf8_lossy(&bytes)).unwrap_or_default();
    Some(ExternallyManaged { marker, message })
}

/// The value of `Error` in section `externally-managed`, continuation lines included.
fn error_text(text: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|line| line.trim() != "[externally-managed]").skip(1);
    let mut value = loop {
        let line = lines.next().filter(|line| !line.starts_with('['))?;
        let is_key = !line.starts_with([' ', '\t', '#', ';']);
        match line.split_once(['=', ':']) {
            Some((key, value)) if is_key && key.trim().eq_ignore_ascii_case("error") => break value.trim().to_owned(),
            _ => {}
        }
    };
    for line in lines {
        if !line.is_empty() && !line.starts_with([' ', '\t']) {
            break;
        }
        value.push('\n');
        value.push_str(line.trim());
    }
    Some(value.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_read_with_its_continuation() {
        let text = "[externally-managed]\nError=To install, try apt.\n \n If you wish, use a venv.\nError-de=Nein\n";
        assert_eq!(error_text(text).unwrap(), "To install, try apt.\n\nIf you wish, use a venv.");
        assert_eq!(error_text("garbage"), None);
        assert_eq!(error_text("[other]\nError=x\n"), None);
    }
}
