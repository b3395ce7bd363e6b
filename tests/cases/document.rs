//! Markdown as a list of cases.
//!
//! In: a Markdown text. Out: a [`Case`] for every heading that has fenced blocks and no headings below.
//!
//! **Invariant:** only headings and fenced blocks mean something; all prose is for people.

/// One test.
#[derive(Debug)]
pub(super) struct Case {
    /// The headings above it, joined.
    pub(super) name: String,
    /// The blocks of every heading above, then its own.
    pub(super) blocks: Vec<Block>,
}

/// A fenced block.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// The first word behind the fence.
    pub(super) language: String,
    /// The other words: a path for a file.
    pub(super) argument: String,
    pub(super) content: String,
    /// The line of the Markdown that its content begins on, from 0.
    pub(super) begins: usize,
}

struct Section {
    level: usize,
    title: String,
    blocks: Vec<Block>,
    is_leaf: bool,
}

/// Reads the cases of a Markdown text. A heading's own blocks are shared by all headings below it.
pub(super) fn read(text: &str) -> Vec<Case> {
    let mut open: Vec<Section> = Vec::new();
    let mut cases = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let level = line.len() - line.trim_start_matches('#').len();
        if (1..=6).contains(&level) && line[level..].starts_with(' ') {
            close(&mut open, level, &mut cases);
            if let Some(parent) = open.last_mut() {
                parent.is_leaf = false;
            }
            open.push(Section { level, title: line[level..].trim().to_owned(), blocks: Vec::new(), is_leaf: true });
        } else if line.starts_with("```") {
            let fence = &line[..line.len() - line.trim_start_matches('`').len()];
            let mut content = String::new();
            for (_, line) in lines.by_ref().take_while(|(_, line)| *line != fence) {
                content.push_str(line);
                content.push('\n');
            }
            let (language, argument) =
                line.trim_start_matches('`').split_once(' ').unwrap_or((&line[fence.len()..], ""));
            let (language, argument) = (language.to_owned(), argument.trim().to_owned());
            let block = Block { language, argument, content, begins: number + 1 };
            if let Some(section) = open.last_mut() {
                section.blocks.push(block);
            }
        }
    }
    close(&mut open, 1, &mut cases);
    cases
}

fn close(open: &mut Vec<Section>, level: usize, cases: &mut Vec<Case>) {
    while open.last().is_some_and(|section| section.level >= level) {
        let blocks: Vec<Block> = open.iter().flat_map(|section| section.blocks.clone()).collect();
        let name = open.iter().map(|section| &*section.title).collect::<Vec<_>>().join(" › ");
        // A heading of prose, or one that only shares its blocks, is no case.
        let is_case = |block: &Block| match &*block.language {
            "python" => !block.argument.is_empty(),
            language => matches!(
                language,
                "expect" | "fixes" | "related" | "hover" | "why" | "terminal" | "environment" | "chosen" | "considered"
            ),
        };
        if let Some(section) = open.pop()
            && section.is_leaf
            && section.blocks.iter().any(is_case)
        {
            cases.push(Case { name, blocks });
        }
    }
}
