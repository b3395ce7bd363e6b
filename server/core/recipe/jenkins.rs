//! A Jenkinsfile as code for the agents it asks for.
//!
//! In: a source in Groovy. Out: the calls of pip in its `sh` steps.
//!
//! **Invariant:** nothing of Groovy is computed: a step counts where its code is one string, an agent where its image is; what
//! brings another Python in one stage is taken to be there in all that follow.

use super::code::Code;
use super::image;
use super::machine::Machine;
use super::{Host, Install};
use crate::text::Span;

/// What the names of steps have in them that bring another Python: `withPythonEnv`, a library's `withVenv`.
const OTHER_PYTHONS: [&str; 5] = ["pythonenv", "venv", "virtualenv", "pyenv", "conda"];

/// Steps that run code, of which only the first is run by a shell that is read here.
const STEPS: [&str; 4] = ["sh", "bat", "powershell", "pwsh"];

pub(super) fn installs(source: &str) -> Vec<Install> {
    let machine = Machine::new(Host::Runner);
    let mut reader = Reader { source, at: 0, blocks: Vec::new(), machine, pending: None, found: Vec::new() };
    // The names that stand before a string or a brace.
    let mut words: Vec<&str> = Vec::new();
    // The word that the last string was handed to: `inside('-u root') {`.
    let mut step = "";
    while let Some(token) = reader.token() {
        match token {
            Token::Word(word) => {
                let name = word.to_ascii_lowercase();
                reader.machine.has_other_python |= OTHER_PYTHONS.iter().any(|it| name.contains(it));
                words.push(word);
                step = "";
                continue;
            }
            // `sh(returnStdout: true, script: '…')`, `docker.image('…')`, `PATH = '…'`.
            Token::Punctuation('(' | ':' | '.' | ',' | '=') => continue,
            Token::Text { start, end } => {
                reader.text(&words, start, end);
                step = words.last().copied().unwrap_or(step);
            }
            Token::Punctuation('{') => reader.open(words.last().copied().unwrap_or(step)),
            Token::Punctuation('}') => reader.close(),
            Token::Punctuation(_) => {}
        }
        words.clear();
    }
    reader.found
}

fn span(start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(start), offset(end))
}

enum Token<'a> {
    Word(&'a str),
    /// What stands between the quotes.
    Text {
        start: usize,
        end: usize,
    },
    Punctuation(char),
}

/// What a brace has opened.
struct Block<'a> {
    name: &'a str,
    /// The machine of the block around it, once this one is left.
    host: Host,
}

struct Reader<'a> {
    source: &'a str,
    at: usize,
    blocks: Vec<Block<'a>>,
    machine: Machine,
    /// The image of `docker.image('…')`, on which nothing runs before `inside { }`.
    pending: Option<Host>,
    found: Vec<Install>,
}

impl<'a> Reader<'a> {
    /// Takes in a string, by the words that stand before it.
    fn text(&mut self, words: &[&str], start: usize, end: usize) {
        let text = self.source.get(start..end).unwrap_or_default();
        let step = words.iter().rev().find(|it| STEPS.contains(it));
        match words {
            [.., "sh" | "script"] if step == Some(&"sh") => {
                let mut code = Code::default();
                code.push(text, start);
                let found = self.machine.run(&code);
                // What is put together may end in anything, an option as well.
                let goes_on = self.source.get(self.at..).is_some_and(|rest| rest.trim_start().starts_with('+'));
                self.found.extend(found.into_iter().filter(|_| !goes_on));
            }
            [.., "docker", "image"] => self.pending = Some(image::host(text)),
            // `agent { docker { image '…' } }`, `agent { docker '…' }`.
            [.., "image"] if self.is_in("docker") => self.stand_on(text),
            [.., "docker"] if self.is_in("agent") => self.stand_on(text),
            // `environment { PATH = '…' }`, `withEnv(['PATH+ENV=…'])`.
            _ => {
                let (name, value) = text.split_once('=').unwrap_or((words.last().copied().unwrap_or_default(), text));
                let place = span(start, end);
                match name.split_once('+') {
                    Some((name, _)) => self.machine.set(name, &format!("{value}:${name}"), place),
                    None => self.machine.set(name, value, place),
                }
            }
        }
    }

    /// An agent is that of the block which the word stands in, and of all further in.
    fn stand_on(&mut self, name: &str) {
        let host = image::host(name);
        for block in self.blocks.iter_mut().rev().take_while(|it| matches!(it.name, "docker" | "agent")) {
            block.host = host.clone();
        }
        self.machine.host = host;
    }

    fn open(&mut self, name: &'a str) {
        let host = self.machine.host.clone();
        self.blocks.push(Block { name, host });
        if let Some(image) = self.pending.take().filter(|_| name == "inside") {
            self.machine.host = image;
        }
        // Whichever agent it is, it is another one, until its image is read.
        if name == "agent" {
            if let Some(block) = self.blocks.last_mut() {
                block.host = Host::Runner;
            }
            self.machine.host = Host::Runner;
        }
    }

    fn close(&mut self) {
        if let Some(block) = self.blocks.pop() {
            self.machine.host = block.host;
        }
    }

    fn is_in(&self, name: &str) -> bool {
        self.blocks.iter().rev().take(2).any(|it| it.name == name)
    }

    fn token(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = self.source.get(self.at..)?;
            let letter = rest.chars().next()?;
            if letter.is_whitespace() {
                self.at += letter.len_utf8();
            } else if rest.starts_with("//") || self.at == 0 && rest.starts_with("#!") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += rest.find("*/").map_or(rest.len(), |end| end + 2);
            } else if letter == '\'' || letter == '"' {
                return Some(self.string(rest));
            } else if letter.is_alphabetic() || letter == '_' {
                let length = rest.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(rest.len());
                self.at += length;
                return Some(Token::Word(rest.get(..length)?));
            } else {
                self.at += letter.len_utf8();
                return Some(Token::Punctuation(letter));
            }
        }
    }

    /// Goes past a string; one that does not end goes on to the end of its line, or of the file.
    fn string(&mut self, rest: &str) -> Token<'a> {
        let quote = if rest.starts_with('"') { "\"" } else { "'" };
        let long = quote.repeat(3);
        let quote = if rest.starts_with(&long) { long.as_str() } else { quote };
        let start = self.at + quote.len();
        let mut end = start;
        while let Some(here) = self.source.get(end..).filter(|it| !it.is_empty()) {
            let letter = here.chars().next().unwrap_or('\n');
            if here.starts_with(quote) || quote.len() == 1 && letter == '\n' {
                break;
            }
            let escaped = here.chars().nth(1).filter(|_| letter == '\\').map_or(0, char::len_utf8);
            end += letter.len_utf8() + escaped;
        }
        let closes = self.source.get(end..).is_some_and(|it| it.starts_with(quote));
        self.at = end + if closes { quote.len() } else { 0 };
        Token::Text { start, end }
    }
}
