//! How deep one logical line nests, while it is read.
//!
//! In: its tokens, or more than it has. Out: whether its brackets fit, and a bound on the depth of its syntax tree.
//!
//! **Invariant:** the bound is never below the one that [`depth`](super::super::depth) finds with the parser's own tokens.

#[derive(Debug, Default)]
pub(super) struct Nesting {
    /// The brackets that are open, each with the tokens that were counted before it.
    open: Vec<(u8, usize)>,
    /// What lies outside of the innermost bracket.
    outside: usize,
    /// The tokens since the last separator inside of it.
    chain: usize,
    pub(super) deepest: usize,
}

impl Nesting {
    pub(super) fn clear(&mut self) {
        self.open.clear();
        (self.outside, self.chain, self.deepest) = (0, 0, 0);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.open.is_empty()
    }

    pub(super) fn token(&mut self, count: usize) {
        self.chain += count;
    }

    /// What comes is not below what came before.
    pub(super) fn separate(&mut self) {
        self.deepest = self.deepest.max(self.outside + self.chain);
        self.chain = 0;
    }

    pub(super) fn open(&mut self, bracket: u8) {
        self.open.push((bracket, self.chain));
        self.outside += self.chain + 1;
        self.chain = 0;
        self.deepest = self.deepest.max(self.outside);
    }

    /// Tells whether the bracket fits the one that is open.
    pub(super) fn close(&mut self, bracket: u8) -> bool {
        self.separate();
        let Some((opened, chain)) = self.open.pop() else { return false };
        self.outside -= chain + 1;
        // What follows, such as a second call, is around all of it.
        self.chain = chain + 1;
        matches!((opened, bracket), (b'(', b')') | (b'[', b']') | (b'{', b'}'))
    }

    /// A lambda's body is below its parameters, whatever separates them.
    pub(super) fn lambda(&mut self) {
        self.outside += 1;
    }
}
