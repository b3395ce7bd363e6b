//! How Windows writes one path in several ways.
//!
//! In: the text of a path. Out: the text that Python, editors and people use for it.
//!
//! **Invariant:** texts alone; the result leads to the same file.

/// The longest path that programs can use as it is (`MAX_PATH`, with the zero at its end).
const LONGEST: usize = 259;

/// Names that are devices wherever they stand, but for verbatim paths.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "COM", "LPT"];

/// Takes `\\?\` off where the rest is a plain path with the same meaning, and makes the letter of a drive a capital one.
pub(super) fn plain(path: &str) -> String {
    let shortened = match path.strip_prefix(r"\\?\") {
        Some(rest) if is_plain(rest) => match rest.strip_prefix(r"UNC\") {
            Some(share) => format!(r"\\{share}"),
            None => rest.to_owned(),
        },
        _ => path.to_owned(),
    };
    match drive(&shortened) {
        Some(letter) => format!("{}{}", letter.to_ascii_uppercase(), &shortened[1..]),
        None => shortened,
    }
}

/// Tells whether a verbatim path means the same without its prefix.
fn is_plain(rest: &str) -> bool {
    let inside = match (rest.strip_prefix(r"UNC\"), drive(rest)) {
        (Some(share), _) => share,
        (None, Some(_)) => rest.get(3..).unwrap_or_default(),
        (None, None) => return false,
    };
    rest.len() <= LONGEST && inside.split('\\').all(|name| name.is_empty() && inside.is_empty() || is_plain_name(name))
}

fn is_plain_name(name: &str) -> bool {
    let stem = name.split(['.', ':']).next().unwrap_or(name).trim_end().to_ascii_uppercase();
    let is_device = DEVICES.contains(&stem.trim_end_matches(|it: char| it.is_ascii_digit()));
    !name.is_empty() && !name.ends_with(['.', ' ']) && !name.contains('/') && !is_device
}

fn drive(path: &str) -> Option<char> {
    let mut letters = path.chars();
    let letter = letters.next().filter(char::is_ascii_alphabetic)?;
    (letters.next() == Some(':') && letters.next() == Some('\\')).then_some(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_means_the_same_loses_its_prefix() {
        for (path, spelled) in [
            (r"\\?\C:\Python313\python.exe", r"C:\Python313\python.exe"),
            (r"\\?\c:\x", r"C:\x"),
            (r"\\?\C:\", r"C:\"),
            (r"\\?\UNC\server\share\x.py", r"\\server\share\x.py"),
            (r"c:\x", r"C:\x"),
            (r"\\?\C:\a.", r"\\?\C:\a."),
            (r"\\?\C:\nul.txt", r"\\?\C:\nul.txt"),
            (r"\\?\C:\com1\x", r"\\?\C:\com1\x"),
            (r"\\?\C:\null", r"C:\null"),
            (r"\\?\Volume{b75e2c83}\x", r"\\?\Volume{b75e2c83}\x"),
            (r"\\.\pipe\x", r"\\.\pipe\x"),
            ("x", "x"),
            ("é:\\", "é:\\"),
        ] {
            assert_eq!(plain(path), spelled);
        }
        let long = format!(r"\\?\C:\{}", "x".repeat(LONGEST));
        assert_eq!(plain(&long), long);
    }
}
