//! The import statements of a text that is valid.
//!
//! In: the place behind `import`, or behind the `from` that begins a statement. Out: [`Import`]s.
//!
//! **Invariant:** names stand in one piece, without a blank; others are left to the parser.

use super::super::{Import, ImportedName};
use super::{Doubt, Reader};
use crate::text::Span;

impl Reader<'_> {
    /// Reads `a.b as c, d`.
    pub(super) fn import(&mut self) -> Result<(), Doubt> {
        loop {
            self.code.gap(false)?;
            let (module, span) = self.dotted()?;
            self.alias(false)?;
            self.push(module, 0, span, Vec::new())?;
            if self.code.next() != b',' {
                return Ok(());
            }
            self.code.at += 1;
        }
    }

    /// Reads `..a.b import c as d, e`, `a import (b, c)` and `a import *`.
    pub(super) fn import_from(&mut self) -> Result<(), Doubt> {
        self.code.gap(false)?;
        let dots = self.code.at;
        while self.code.next() == b'.' {
            self.code.at += 1;
        }
        let level = u32::try_from(self.code.at - dots).map_err(|_| Doubt)?;
        let dots = self.span(dots);
        self.code.gap(false)?;
        let (module, span) = if level > 0 && self.code.eat_word(b"import") {
            (String::new(), dots)
        } else {
            let named = self.dotted()?;
            self.code.gap(false)?;
            if !self.code.eat_word(b"import") {
                return Err(Doubt);
            }
            named
        };
        self.code.gap(false)?;
        let names = self.imported_names()?;
        self.push(module, level, span, names)
    }

    fn imported_names(&mut self) -> Result<Vec<ImportedName>, Doubt> {
        let mut names = Vec::new();
        let start = self.code.at;
        if self.code.next() == b'*' {
            self.code.at += 1;
            names.push(ImportedName { name: "*".to_owned(), span: self.span(start) });
            return Ok(names);
        }
        let inside = self.code.next() == b'(';
        if inside {
            self.code.at += 1;
        }
        loop {
            self.code.gap(inside)?;
            if inside && !names.is_empty() && self.code.next() == b')' {
                self.code.at += 1;
                return Ok(names);
            }
            let start = self.code.at;
            self.code.name()?;
            names.push(ImportedName { name: self.text(start), span: self.span(start) });
            self.alias(inside)?;
            match self.code.next() {
                b',' => self.code.at += 1,
                b')' if inside => {}
                _ if inside => return Err(Doubt),
                _ => return Ok(names),
            }
        }
    }

    fn alias(&mut self, inside: bool) -> Result<(), Doubt> {
        self.code.gap(inside)?;
        if self.code.eat_word(b"as") {
            self.code.gap(inside)?;
            self.code.name()?;
            self.code.gap(inside)?;
        }
        Ok(())
    }

    fn dotted(&mut self) -> Result<(String, Span), Doubt> {
        let start = self.code.at;
        self.code.name()?;
        while self.code.next() == b'.' {
            self.code.at += 1;
            self.code.name()?;
        }
        Ok((self.text(start), self.span(start)))
    }

    /// What starts there and ends here.
    fn text(&self, start: usize) -> String {
        self.source.get(start..self.code.at).unwrap_or_default().to_owned()
    }

    /// Where something lies that starts there and ends here.
    fn span(&self, start: usize) -> Span {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span::new(offset(start), offset(self.code.at))
    }

    fn push(&mut self, module: String, level: u32, span: Span, names: Vec<ImportedName>) -> Result<(), Doubt> {
        // On the line of its head it stands in a block that was not begun.
        if self.is_inline {
            return Err(Doubt);
        }
        let context = self.block()?.context;
        self.found.push(Import { module, level, span, names, context });
        Ok(())
    }
}
