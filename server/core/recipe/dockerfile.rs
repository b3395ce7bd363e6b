//! A Dockerfile as code for the machines it builds.
//!
//! In: its source. Out: the calls of pip in each stage.
//!
//! **Invariant:** a stage begins with what the stage it is built from has come to; what is not known of an image stays
//! unknown in all that is built from it.

use std::collections::BTreeMap;

use super::Install;
use super::code::Code;
use super::image;
use super::machine::Machine;

/// Reads all stages (Dockerfile reference: parser directives, `FROM`, `ARG`, `ENV`, `RUN`, `COPY`, here-documents).
pub(super) fn installs(source: &str) -> Vec<Install> {
    let mut arguments: BTreeMap<String, String> = BTreeMap::new();
    let mut stages: BTreeMap<String, Machine> = BTreeMap::new();
    let mut here: Option<(String, Machine)> = None;
    let mut found = Vec::new();
    for instruction in instructions(source) {
        let code = &instruction.code;
        match (instruction.name.as_str(), &mut here) {
            ("FROM", _) => {
                if let Some((name, machine)) = here.take() {
                    stages.insert(name, machine);
                }
                here = Some(stage(code.text(), &arguments, &stages));
            }
            ("ARG", None) => {
                if let Some((name, value)) = code.text().trim().split_once('=') {
                    arguments.insert(name.to_owned(), value.trim_matches(['"', '\'']).to_owned());
                }
            }
            ("ENV" | "ARG", Some((_, machine))) => set(machine, code),
            ("RUN", Some((_, machine))) => found.extend(machine.run(&instruction.shell())),
            // `COPY --from=python:3.12 /usr/local /usr/local`: whatever that is, it comes before the system's.
            ("COPY", Some((_, machine))) => machine.has_other_python |= brings_python(code.text()),
            // PowerShell and others are not read.
            ("SHELL", Some((_, machine))) if !code.text().contains("sh\"") => machine.has_other_python = true,
            _ => {}
        }
    }
    found
}

/// Returns the name of a stage and the machine it begins with.
fn stage(words: &str, arguments: &BTreeMap<String, String>, stages: &BTreeMap<String, Machine>) -> (String, Machine) {
    let mut words = words.split_whitespace().filter(|it| !it.starts_with("--"));
    let image = expanded(words.next().unwrap_or_default(), arguments);
    let is_named = words.next().is_some_and(|it| it.eq_ignore_ascii_case("as"));
    let name = words.next().filter(|_| is_named).map_or_else(|| format!("stage {}", stages.len()), str::to_lowercase);
    let machine = stages.get(&image.to_lowercase()).cloned().unwrap_or_else(|| Machine::new(image::host(&image)));
    (name, machine)
}

/// Puts in the defaults of the arguments before the first stage.
fn expanded(word: &str, arguments: &BTreeMap<String, String>) -> String {
    let mut word = word.to_owned();
    for (name, value) in arguments.iter().rev() {
        word = word.replace(&format!("${{{name}}}"), value);
        if word.ends_with(&format!("${name}"))
            || word.contains(&format!("${name}:"))
            || word.contains(&format!("${name}-"))
        {
            word = word.replace(&format!("${name}"), value);
        }
    }
    word
}

/// `ENV NAME=value …` and the old `ENV NAME value`; `ARG NAME=value` holds in the same way while the image is built.
fn set(machine: &mut Machine, code: &Code) {
    let text = code.text();
    for words in super::shell::commands(text) {
        let assigned: Vec<_> = words.iter().filter_map(|word| Some((super::call::assignment(word)?, word))).collect();
        if assigned.is_empty()
            && let [name, .., last] = words.as_slice()
        {
            let value = words.get(1).map_or("", |it| it.text.as_str());
            machine.set(&name.text, value, code.span(name.start, last.end));
        }
        for ((name, value), word) in assigned {
            machine.set(name, value, code.span(word.start, word.end));
        }
    }
}

fn brings_python(words: &str) -> bool {
    let mut words = words.split_whitespace();
    words.any(|it| it.starts_with("--from=") && !it.contains("astral-sh/uv")) && !words.any(|it| it.ends_with("/uv"))
}

struct Instruction {
    name: String,
    /// What stands behind the name; lines that go on are joined, comments between them left out.
    code: Code,
    /// The text of its here-documents.
    document: Option<Code>,
}

impl Instruction {
    /// Returns the code of a `RUN`: its words, or the here-document that they are a shell's input of. The form with
    /// brackets runs no shell: its words are the command.
    fn shell(self) -> Code {
        let text = self.code.text();
        if let Some(document) = self.document {
            return document;
        }
        let options = text.len() - behind_options(text).len();
        let code = self.code.part(options, text.len());
        if code.text().trim_start().starts_with('[') { exec_form(&code) } else { code }
    }
}

fn behind_options(text: &str) -> &str {
    let mut rest = text.trim_start();
    while rest.starts_with("--") {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        rest = rest.get(end..).unwrap_or_default().trim_start();
    }
    rest
}

/// `["pip", "install", "six"]` as words with blanks between them.
fn exec_form(code: &Code) -> Code {
    let mut words = Code::default();
    for (at, letter) in code.text().char_indices() {
        let start = code.span(at, at + letter.len_utf8()).start as usize;
        words.push_for(if matches!(letter, '[' | ']' | ',') { ' ' } else { letter }, start);
    }
    words
}

/// Splits a Dockerfile into its instructions.
fn instructions(source: &str) -> Vec<Instruction> {
    let escape = escape(source);
    let mut found: Vec<Instruction> = Vec::new();
    let mut lines = Lines { source, at: 0 };
    while let Some((start, line)) = lines.next_line() {
        let content = line.trim_start();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let indent = line.len() - content.len();
        let length = content.find(char::is_whitespace).unwrap_or(content.len());
        let name = content.get(..length).unwrap_or_default().to_ascii_uppercase();
        let mut code = Code::default();
        let mut rest = content.get(length..).unwrap_or_default();
        let mut offset = start + indent + length;
        while let Some(goes_on) = rest.trim_end().strip_suffix(escape) {
            code.push(goes_on, offset);
            let Some((next, line)) = lines.next_code_line() else {
                rest = "";
                break;
            };
            (offset, rest) = (next, line);
        }
        code.push(rest, offset);
        let document = lines.documents(code.text());
        found.push(Instruction { name, code, document });
    }
    found
}

/// The parser directive `# escape=` on the first lines.
fn escape(source: &str) -> char {
    let directives = source.lines().take_while(|line| line.trim_start().starts_with('#'));
    let mut escapes = directives.filter_map(|line| {
        let (key, value) = line.trim_start().strip_prefix('#')?.split_once('=')?;
        key.trim().eq_ignore_ascii_case("escape").then(|| value.trim().chars().next())?
    });
    escapes.next().filter(|it| matches!(it, '\\' | '`')).unwrap_or('\\')
}

struct Lines<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Lines<'a> {
    /// Returns the next line without its end, and where it begins.
    fn next_line(&mut self) -> Option<(usize, &'a str)> {
        let start = self.at;
        let rest = self.source.get(start..).filter(|it| !it.is_empty())?;
        let length = rest.find('\n').map_or(rest.len(), |at| at + 1);
        self.at += length;
        Some((start, rest.get(..length)?.trim_end_matches(['\n', '\r'])))
    }

    /// Returns the next line that is no comment: those between lines that go on are left out.
    fn next_code_line(&mut self) -> Option<(usize, &'a str)> {
        loop {
            let (start, line) = self.next_line()?;
            if !line.trim_start().starts_with('#') && !line.trim().is_empty() {
                return Some((start, line));
            }
        }
    }

    /// Reads the here-documents that an instruction opens: the first is the code where nothing but a shell gets it.
    fn documents(&mut self, words: &str) -> Option<Code> {
        let mut document = None;
        for (at, _) in words.match_indices("<<") {
            let rest = words.get(at + 2..)?.trim_start_matches('-');
            let end = rest.split([' ', '\t', ';', '&', '|', '>']).next()?.trim_matches(['"', '\'']);
            let is_name = !end.is_empty() && end.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
            if !is_name {
                continue;
            }
            let mut code = Code::default();
            while let Some((start, line)) = self.next_line() {
                if line.trim_start_matches('\t') == end {
                    break;
                }
                code.push(self.source.get(start..self.at)?, start);
            }
            let before = behind_options(words.get(..at)?).trim();
            if document.is_none() && matches!(before, "" | "bash" | "sh" | "bash -e" | "sh -e" | "bash -ex" | "sh -ex")
            {
                document = Some(code);
            }
        }
        document
    }
}
