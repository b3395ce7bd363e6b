//! `pyvenv.cfg` in words: what each key means, to which Python, and what may be written.
//!
//! In: the text, a place in it, the interpreter in force where it is this environment's. Out: a hover of at most six lines,
//! and completions.
//!
//! **Invariant:** what is said of a version holds for that version; without one, what holds for each is said.

use camino::Utf8Path;

use super::{MOST_LINES, Markup};
use crate::check::FLAG;
use crate::environment::KnownPython;
use crate::interpreter::getpath::Flavor;
use crate::interpreter::{Interpreter, PyvenvLine, Version, pyvenv_lines, stated_version};
use crate::origin::{Evidence, Origin};
use crate::text::{Span, Text};

/// A key that no Python reads, and what it is for.
struct Label {
    key: &'static str,
    meaning: &'static str,
}

const LABELS: [Label; 14] = [
    Label { key: "version", meaning: "the version of the Python that it was made with" },
    Label { key: "version_info", meaning: "the version of the Python that it was made with" },
    Label { key: "executable", meaning: "the interpreter that it was made with, every link resolved" },
    Label { key: "command", meaning: "the command line that made it" },
    Label { key: "prompt", meaning: "the name that a shell shows while it is active; of all readers, `Activate.ps1`" },
    Label { key: "implementation", meaning: "which Python it is, such as CPython" },
    Label { key: "base-prefix", meaning: "`sys.base_prefix` when it was made" },
    Label { key: "base-exec-prefix", meaning: "`sys.base_exec_prefix` when it was made" },
    Label { key: "base-executable", meaning: "the interpreter that it was made with" },
    Label { key: "virtualenv", meaning: "the version of virtualenv that made it" },
    Label { key: "uv", meaning: "the version of uv that made it" },
    Label { key: "seed", meaning: "whether uv put pip into it" },
    Label {
        key: "relocatable",
        meaning: "whether its scripts look for the interpreter beside them, so that it may be moved",
    },
    Label {
        key: "extends-environment",
        meaning: "the environment that uv laid this one over; a `.pth` file lets it in",
    },
];

/// The keys that are offered, in the order in which tools write them.
const OFFERED: [(&str, &str); 3] = [
    ("home", "the folder of the Python that it is made from"),
    (FLAG, "whether the packages of that Python are seen"),
    ("prompt", "the name that a shell shows while it is active"),
];

/// Something that may be written at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PyvenvCompletion {
    /// What is shown, and what replaces `span`.
    pub text: String,
    pub detail: String,
    pub span: Span,
    pub is_key: bool,
}

/// Explains the key of a line, wherever on the line the place is.
pub fn pyvenv_hover(
    text: &Text,
    offset: u32,
    interpreter: Option<&Interpreter>,
    markdown: bool,
) -> Option<(Span, String)> {
    let lines = pyvenv_lines(text);
    let line = lines.iter().find(|it| it.line == text.point(offset).line && !it.key.is_empty())?;
    let markup = Markup { markdown };
    let stated = stated_version(&lines);
    let version = interpreter.map(|it| &it.version).or(stated.as_ref());
    let about = About { lines: &lines, line, interpreter, version, markup };
    let key = line.key.as_str();
    let mut said = match key {
        "home" => about.home(),
        FLAG => about.flag(),
        _ => about.label(),
    };
    said.extend(writer(&lines).filter(|_| matches!(key, "home" | FLAG | "version" | "version_info")));
    said.truncate(MOST_LINES);
    let span = Span::new(line.key_span.start, line.value_span.end.max(line.key_span.end));
    Some((span, said.join(if markdown { "  \n" } else { "\n" })))
}

/// Names the tool that wrote the file: `uv` and `virtualenv` write a key of their own name.
fn writer(lines: &[PyvenvLine]) -> Option<String> {
    let of = |key: &str| lines.iter().find(|it| it.key == key);
    if let Some(line) = of("uv") {
        return Some(format!("Written by uv {}", line.value));
    }
    if let Some(line) = of("virtualenv") {
        return Some(format!("Written by virtualenv {}", line.value));
    }
    of("version").map(|_| "Written by venv".to_owned())
}

struct About<'a> {
    lines: &'a [PyvenvLine],
    line: &'a PyvenvLine,
    interpreter: Option<&'a Interpreter>,
    version: Option<&'a Version>,
    markup: Markup,
}

impl About<'_> {
    fn title(&self, meaning: &str) -> String {
        format!("{} · {meaning}", self.markup.strong(&self.line.key))
    }

    fn home(&self) -> Vec<String> {
        let code = |text: &str| self.markup.code(text);
        let mut said = vec![self.title("the folder of the Python that this environment was made from")];
        let is_link = self.interpreter.map(|it| it.real_executable != it.executable);
        let python = self.version.map(|it| format!("Python {it}"));
        said.push(match (self.version, &python, is_link) {
            (Some(version), Some(python), Some(true)) if Flavor::of(version) == Flavor::Classic => {
                format!("{python} does not read it here: it looks beside the file that {} leads to", code("bin/python"))
            }
            (Some(version), Some(python), Some(true))
                if matches!(Flavor::of(version), Flavor::P14Relocated | Flavor::P14Searched) =>
            {
                format!("{python} follows {} first; this counts where that leads nowhere", code("bin/python"))
            }
            (Some(_), Some(python), _) => format!("{python} looks for its standard library from here upwards"),
            _ => format!(
                "Up to Python 3.10 it counts only where {} is a copy; later ones look for the standard library from here",
                code("bin/python")
            ),
        });
        if let Some(interpreter) = self.interpreter {
            said.push(format!("In force: the standard library in {}", code(interpreter.stdlib.as_str())));
        }
        let count = self.lines.iter().filter(|it| it.key == "home").count();
        if count > 1 {
            said.push("Of several such lines the first counts".to_owned());
        }
        said.push(format!("Taken as it stands: no quotes, no {}, no comment behind it", code("~")));
        said
    }

    fn flag(&self) -> Vec<String> {
        let code = |text: &str| self.markup.code(text);
        let mut said = vec![self.title("whether the packages of the base Python are seen")];
        said.push(format!(
            "Only {}, in any case, is true; every other word is false; without this line it is true",
            code("true")
        ));
        let counting = self.lines.iter().rev().find(|it| it.key == FLAG);
        if counting.is_some_and(|it| it.line != self.line.line) {
            said.push("Of several such lines the last counts, which is not this one".to_owned());
        }
        let is_true = counting.is_some_and(|it| it.value.to_lowercase() == "true");
        if !is_true {
            said.push("Here it is false: only the environment's own packages are seen, and no user site".to_owned());
            return said;
        }
        let Some(interpreter) = self.interpreter else {
            said.push("Here it is true: the packages of that Python and the user site are seen as well".to_owned());
            return said;
        };
        let let_in = interpreter.search_path.iter().filter(|it| it.exists && is_let_in(&it.evidence, it.origin));
        let paths: Vec<String> = let_in.map(|it| code(it.path.as_str())).collect();
        let more = if paths.len() > 3 { format!(" and {} more", paths.len() - 3) } else { String::new() };
        let shown: Vec<&str> = paths.iter().take(3).map(String::as_str).collect();
        said.push(if shown.is_empty() {
            "Here it is true, and there is nothing that it lets in".to_owned()
        } else {
            format!("Here it is true and lets in {}{more}", shown.join(", "))
        });
        if !interpreter.system && interpreter.base_prefix != Utf8Path::new("/usr") {
            said.push(format!(
                "The base is {}: the operating system's packages are not among them",
                code(interpreter.base_prefix.as_str())
            ));
        }
        said
    }

    fn label(&self) -> Vec<String> {
        let label = LABELS.iter().find(|it| it.key == self.line.key);
        let meaning = label.map_or("a key that no Python and none of its tools known here reads", |it| it.meaning);
        let meaning = if self.markup.markdown { meaning.to_owned() } else { meaning.replace('`', "") };
        let mut said = vec![self.title(&meaning)];
        if label.is_some() {
            said.push("No Python reads it: it was written once, and says what was true then".to_owned());
        }
        let is_version = matches!(self.line.key.as_str(), "version" | "version_info");
        if let Some(interpreter) = self.interpreter.filter(|_| is_version) {
            said.push(format!("In force: Python {}", interpreter.version));
        }
        said
    }
}

/// Tells whether an entry of the search path is there because the flag is on.
fn is_let_in(evidence: &Evidence, origin: Origin) -> bool {
    let of_base = matches!(
        origin,
        Origin::BaseSitePackages | Origin::DistPackages | Origin::LocalDistPackages | Origin::UserSite
    );
    of_base && !matches!(evidence, Evidence::Variable(_))
}

/// Returns what may be written at a place: a key at the start of a line, a value behind its `=`.
pub fn pyvenv_completions(text: &Text, offset: u32, pythons: &[KnownPython]) -> Vec<PyvenvCompletion> {
    let number = text.point(offset).line;
    let span = text.line_span(number);
    let content = text.line(number);
    let before = content.get(..offset.saturating_sub(span.start) as usize).unwrap_or(content);
    let lines = pyvenv_lines(text);
    let Some(line) = lines.iter().find(|it| it.line == number).filter(|_| before.contains('=')) else {
        let has_divider = content.contains('=');
        let start = span.start + length(&before[..before.len() - before.trim_start().len()]);
        let end = lines.iter().find(|it| it.line == number).map_or(span.end, |it| it.key_span.end.max(start));
        let is_new = |key: &str| !lines.iter().any(|it| it.key == key && it.line != number);
        let offered = OFFERED.iter().filter(|(key, _)| is_new(key));
        let text = |key: &str| if has_divider { key.to_owned() } else { format!("{key} = ") };
        return offered
            .map(|(key, detail)| PyvenvCompletion {
                text: text(key),
                detail: (*detail).to_owned(),
                span: Span::new(start, end.max(offset)),
                is_key: true,
            })
            .collect();
    };
    // From behind the blanks to the end of the value; a place within the blanks starts there.
    let value = Span::new(line.value_span.start.min(offset), line.value_span.end.max(offset));
    let completion =
        |text: &str, detail: String| PyvenvCompletion { text: text.to_owned(), detail, span: value, is_key: false };
    match line.key.as_str() {
        FLAG => vec![
            completion("true", "the packages of the base Python are seen".to_owned()),
            completion("false", "only the environment's own packages are seen".to_owned()),
        ],
        "home" => pythons.iter().map(|it| completion(it.folder.as_str(), format!("Python {}", it.version))).collect(),
        _ => Vec::new(),
    }
}

fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}
