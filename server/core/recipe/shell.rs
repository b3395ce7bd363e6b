//! Shell code as simple commands.
//!
//! In: code for a POSIX shell or bash. Out: its simple commands, each a list of [`Word`]s, in the order of the text.
//!
//! **Invariant:** nothing is expanded: a word that holds an expansion is not literal, and nobody may trust its text. What
//! the shell itself would not read as a command, such as a comment or a here-document, gives none.

/// The most commands that are read of one text; no person wrote more.
const MOST_COMMANDS: usize = 20_000;

/// Words that stand before a command and change nothing about what it is.
const KEYWORDS: [&str; 10] = ["if", "then", "else", "elif", "while", "until", "do", "!", "{", "time"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Without its quotes.
    pub(super) text: String,
    /// Whether the text is what the command will get: no expansion, no pattern.
    pub(super) literal: bool,
    /// Whether some of it was quoted.
    pub(super) quoted: bool,
    /// Where it stands in the code, quotes included.
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Word {
    /// Returns the text where the command will get just that.
    pub(super) fn plain(&self) -> Option<&str> {
        self.literal.then_some(self.text.as_str())
    }
}

/// Splits code into its simple commands; redirections and keywords are left out.
pub(super) fn commands(code: &str) -> Vec<Vec<Word>> {
    let mut reader = Reader { code, at: 0, commands: Vec::new(), words: Vec::new(), documents: Vec::new() };
    reader.read();
    reader.commands
}

struct Reader<'a> {
    code: &'a str,
    at: usize,
    commands: Vec<Vec<Word>>,
    words: Vec<Word>,
    /// The here-documents whose text begins on the next line: each ends at a line of this text, tabs before it left out
    /// or not.
    documents: Vec<(String, bool)>,
}

impl Reader<'_> {
    fn read(&mut self) {
        while let Some(letter) = self.peek() {
            if self.commands.len() >= MOST_COMMANDS {
                return;
            }
            match letter {
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if self.rest().starts_with("\\\n") => self.at += 2,
                '\\' if self.rest().starts_with("\\\r\n") => self.at += 3,
                '\n' => {
                    self.end_command();
                    self.at += 1;
                    self.skip_documents();
                }
                ';' | '&' | '|' | '(' | ')' => {
                    // `&>` redirects, it ends nothing.
                    if self.rest().starts_with("&>") {
                        self.redirect();
                    } else {
                        self.end_command();
                        self.at += 1;
                    }
                }
                '#' => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                '<' | '>' => self.redirect(),
                _ => {
                    let word = self.word();
                    // `2>` is a redirection, its number no word.
                    let is_number = word.end > word.start && word.text.bytes().all(|it| it.is_ascii_digit());
                    if is_number && !word.quoted && matches!(self.peek(), Some('<' | '>')) {
                        self.redirect();
                    } else {
                        self.words.push(word);
                    }
                }
            }
        }
        self.end_command();
    }

    fn rest(&self) -> &str {
        self.code.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn end_command(&mut self) {
        let words = std::mem::take(&mut self.words);
        let skipped = words.iter().take_while(|it| !it.quoted && KEYWORDS.contains(&it.text.as_str())).count();
        let command: Vec<Word> = words.into_iter().skip(skipped).collect();
        if !command.is_empty() {
            self.commands.push(command);
        }
    }

    /// Passes over a redirection and its target; a here-document is remembered.
    fn redirect(&mut self) {
        let rest = self.rest();
        let operator = rest.len() - rest.trim_start_matches(['<', '>', '&', '|']).len();
        let is_document = rest.starts_with("<<") && !rest.starts_with("<<<");
        self.at += operator;
        let strips_tabs = is_document && self.rest().starts_with('-');
        self.at += usize::from(strips_tabs);
        while matches!(self.peek(), Some(' ' | '\t')) {
            self.at += 1;
        }
        if matches!(self.peek(), None | Some('\n' | ';' | '(' | ')')) {
            return;
        }
        let target = self.word();
        if is_document {
            self.documents.push((target.text, strips_tabs));
        }
    }

    fn skip_documents(&mut self) {
        for (end, strips_tabs) in std::mem::take(&mut self.documents) {
            while !self.rest().is_empty() {
                let length = self.rest().find('\n').map_or(self.rest().len(), |at| at + 1);
                let line = self.rest().get(..length).unwrap_or_default().trim_end_matches(['\n', '\r']);
                let line = if strips_tabs { line.trim_start_matches('\t') } else { line };
                let is_end = line == end;
                self.at += length;
                if is_end {
                    break;
                }
            }
        }
    }

    fn word(&mut self) -> Word {
        let mut word = Word { text: String::new(), literal: true, quoted: false, start: self.at, end: self.at };
        while let Some(letter) = self.peek() {
            match letter {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')' => break,
                '\'' => {
                    let inside = self.rest().get(1..).unwrap_or_default();
                    let length = inside.find('\'').unwrap_or(inside.len());
                    word.text.push_str(inside.get(..length).unwrap_or_default());
                    word.quoted = true;
                    self.at = (self.at + length + 2).min(self.code.len());
                }
                '"' => {
                    self.at += 1;
                    self.double_quoted(&mut word);
                }
                '\\' if self.rest().starts_with("\\\n") => self.at += 2,
                '\\' if self.rest().starts_with("\\\r\n") => self.at += 3,
                '\\' => {
                    self.at += 1;
                    word.quoted = true;
                    self.take(&mut word);
                }
                '$' | '`' => self.expansion(&mut word),
                '*' | '?' => {
                    word.literal = false;
                    self.take(&mut word);
                }
                _ => self.take(&mut word),
            }
        }
        word.end = self.at;
        word
    }

    fn take(&mut self, word: &mut Word) {
        if let Some(letter) = self.peek() {
            word.text.push(letter);
            self.at += letter.len_utf8();
        }
    }

    /// Reads on behind an opening `"`, up to behind the closing one.
    fn double_quoted(&mut self, word: &mut Word) {
        word.quoted = true;
        while let Some(letter) = self.peek() {
            match letter {
                '"' => {
                    self.at += 1;
                    return;
                }
                '\\' => {
                    self.at += 1;
                    self.take(word);
                }
                '$' | '`' => self.expansion(word),
                _ => self.take(word),
            }
        }
    }

    /// Passes over `$name`, `${…}`, `$(…)` or a command in backticks.
    fn expansion(&mut self, word: &mut Word) {
        word.literal = false;
        let rest = self.rest();
        let length = match rest.as_bytes().get(..2) {
            Some(b"$(") => closing(rest, '(', ')'),
            Some(b"${") => closing(rest, '{', '}'),
            _ if rest.starts_with('`') => {
                rest.get(1..).and_then(|inside| inside.find('`')).map_or(rest.len(), |it| it + 2)
            }
            _ => 1,
        };
        word.text.push_str(rest.get(..length).unwrap_or_default());
        self.at += length;
    }
}

/// Returns the length up to behind the bracket that closes the first one; quotes inside are passed over.
fn closing(text: &str, open: char, close: char) -> usize {
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, letter) in text.char_indices() {
        match quote {
            Some(mark) if letter == mark => quote = None,
            None if letter == '\'' || letter == '"' => quote = Some(letter),
            None if letter == open => depth += 1,
            None if letter == close => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + letter.len_utf8();
                }
            }
            Some(_) | None => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::commands;

    fn read(code: &str) -> Vec<String> {
        let shown = |words: Vec<super::Word>| {
            let words: Vec<_> =
                words.into_iter().map(|it| if it.literal { it.text } else { format!("<{}>", it.text) }).collect();
            words.join("|")
        };
        commands(code).into_iter().map(shown).collect()
    }

    #[test]
    fn code_is_split_as_a_shell_splits_it() {
        for (code, expected) in [
            ("a b;c && d || e | f & g\nh", vec!["a|b", "c", "d", "e", "f", "g", "h"]),
            ("a 'b c' \"d e\" f\\ g", vec!["a|b c|d e|f g"]),
            ("a \\\n  b\\\nc", vec!["a|bc"]),
            ("a # no; b\n# c\nd#e", vec!["a", "d#e"]),
            ("a $b \"x $(c \")\" d) y\" `e f` *", vec!["a|<$b>|<x $(c \")\" d) y>|<`e f`>|<*>"]),
            ("if ! a; then b; else c; fi", vec!["a", "b", "c", "fi"]),
            ("(a; { b; })", vec!["a", "b", "}"]),
            ("a >x 2>&1 </y b &>z", vec!["a|b"]),
            ("cat <<EOF >x\na b\nEOF\nc", vec!["cat", "c"]),
            ("cat <<-'E F' && b\n\ta\n\tE F\nc", vec!["cat", "b", "c"]),
            ("a \"unclosed $(", vec!["a|<unclosed $(>"]),
            ("a 'unclosed", vec!["a|unclosed"]),
            ("X=1 a", vec!["X=1|a"]),
            ("", vec![]),
        ] {
            assert_eq!(read(code), expected, "{code}");
        }
    }
}
