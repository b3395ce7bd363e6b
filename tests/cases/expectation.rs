//! What a case expects.
//!
//! In: comments in Python blocks, and `expect` blocks. Out: [`Expected`] diagnostics.
//!
//! **Invariant:** a comment that looks like an expectation and cannot be read is an error, never passed over.

/// A diagnostic that must come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) path: String,
    /// From 1.
    pub(super) line: u32,
    /// From 1; `None` where any will do.
    pub(super) column: Option<u32>,
    pub(super) severity: String,
    pub(super) code: String,
    /// `None` where any will do.
    pub(super) message: Option<String>,
}

/// Reads `# warning: [code] "message"` at the end of a line, or alone on the line above.
pub(super) fn in_python(path: &str, source: &str) -> Result<Vec<Expected>, String> {
    let mut found = Vec::new();
    let mut waiting: Vec<Expected> = Vec::new();
    for (line, number) in source.lines().zip(1..) {
        let mut here = Vec::new();
        for (at, _) in line.match_indices("# ") {
            let comment = &line[at + 2..];
            let severities = ["error", "warning", "information", "hint"];
            let Some(severity) = severities.into_iter().find(|it| comment.starts_with(&format!("{it}: ["))) else {
                continue;
            };
            let rest = &comment[severity.len() + 3..];
            let (code, rest) = rest.split_once(']').ok_or_else(|| format!("{path}:{number}: no `]`"))?;
            let message = match rest.trim_start().strip_prefix('"') {
                Some(quoted) => {
                    let end = quoted.find('"').ok_or_else(|| format!("{path}:{number}: no closing quote"))?;
                    Some(quoted[..end].to_owned())
                }
                None => None,
            };
            let (severity, code) = (severity.to_owned(), code.to_owned());
            here.push(Expected { path: path.to_owned(), line: number, column: None, severity, code, message });
        }
        if line.trim_start().starts_with('#') {
            waiting.extend(here);
            continue;
        }
        found.extend(waiting.drain(..).map(|expected| Expected { line: number, ..expected }));
        found.extend(here);
    }
    if waiting.is_empty() { Ok(found) } else { Err(format!("{path}: an expectation has no line below it")) }
}

/// Reads lines of `path:line:column: severity[code] message`.
pub(super) fn in_block(content: &str) -> Result<Vec<Expected>, String> {
    content.lines().filter(|line| !line.trim().is_empty()).map(line).collect()
}

fn line(text: &str) -> Result<Expected, String> {
    let read = || {
        let (place, rest) = text.split_once(": ")?;
        let mut place = place.rsplitn(3, ':');
        let (column, line, path) = (place.next()?, place.next()?, place.next()?);
        let (severity, rest) = rest.split_once('[')?;
        let (code, message) = rest.split_once(']')?;
        Some(Expected {
            path: path.to_owned(),
            line: line.parse().ok()?,
            column: Some(column.parse().ok()?),
            severity: severity.to_owned(),
            code: code.to_owned(),
            message: Some(message.trim().to_owned()),
        })
    };
    read().ok_or_else(|| format!("not `path:line:column: severity[code] message`: {text}"))
}
