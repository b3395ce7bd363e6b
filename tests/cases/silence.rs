//! Every rule that fires in a case, silenced in each way there is.
//!
//! In: a [`Case`]. Out: nothing, or a report of what was still said, and of what was lost with it.
//!
//! **Invariant:** who silences one rule hears no less of the others.

use std::collections::BTreeSet;

use fromwhere_core::diagnostic::{Diagnostic, Severity};
use fromwhere_core::rules::Rule;
use fromwhere_core::settings::Settings;
use fromwhere_core::system::System as _;

use super::document::Case;
use super::judge::{check, diagnostics, shown};
use super::world::{self, World};

/// Silences each rule of a case: by `ignore`, by `severity`, by a comment on the line and by one for the file; and turns it
/// down. Returns the rules, and what went wrong.
pub(super) fn silence(case: &Case) -> Result<(BTreeSet<Rule>, Vec<String>), String> {
    let world = world::build(&case.blocks)?;
    let before = diagnostics(&world, &check(&world, &Settings::default()));
    let rules: BTreeSet<Rule> = before.iter().map(|it| it.rule).collect();
    let mut report = Vec::new();
    for rule in &rules {
        let ignored = Settings { ignore: [*rule].into(), ..Settings::default() };
        let off = Settings { severity: [(*rule, None)].into(), ..Settings::default() };
        for (how, settings) in [("ignore", ignored), ("severity = \"off\"", off)] {
            let after = diagnostics(&world, &check(&world, &settings));
            report.extend(compare(how, *rule, &before, &after));
        }
        let low = Settings { severity: [(*rule, Some(Severity::Hint))].into(), ..Settings::default() };
        let after = diagnostics(&world, &check(&world, &low));
        let loud = after.iter().filter(|it| it.rule == *rule && it.severity != Severity::Hint);
        report.extend(loud.map(|it| format!("  turned down to a hint, and said as {:?}: {}", it.severity, it.message)));
    }
    for diagnostic in before.iter().filter(|it| it.path.extension() == Some("py")) {
        for how in ["a comment on its line", "a comment for its file"] {
            let after = with_comment(&world, diagnostic, how.ends_with("line"));
            let after = diagnostics(&after, &check(&after, &Settings::default()));
            let line = diagnostic.range.start.line + u32::from(how.ends_with("file"));
            let still = after
                .iter()
                .any(|it| it.rule == diagnostic.rule && it.path == diagnostic.path && it.range.start.line == line);
            if still {
                report.push(format!("  {how} does not silence: {}", diagnostic.message));
            }
        }
    }
    // A text that has comments, and is no program.
    let is_of_lines = |it: &&Diagnostic| {
        !matches!(it.path.extension(), Some("py" | "json" | "ipynb")) && it.path.file_name() != Some("Pipfile.lock")
    };
    let mut seen = BTreeSet::new();
    for diagnostic in before.iter().filter(is_of_lines).filter(|it| seen.insert((it.rule, &it.path))) {
        let Ok(source) = world.system.read_text(&diagnostic.path) else { continue };
        for line in [0, diagnostic.range.start.line] {
            let Some((after, at)) = with_line_above(&world, diagnostic, &source, line) else { continue };
            let after = diagnostics(&after, &check(&after, &Settings::default()));
            let is_still = |it: &&Diagnostic| {
                it.rule == diagnostic.rule && it.path == diagnostic.path && it.range.start.line == at
            };
            if after.iter().any(|it| is_still(&it)) {
                let (path, message) = (shown(&diagnostic.path), &diagnostic.message);
                report.push(format!("  a comment above line {} of {path} does not silence: {message}", line + 1));
            }
        }
    }
    Ok((rules, report))
}

fn compare(how: &str, rule: Rule, before: &[Diagnostic], after: &[Diagnostic]) -> Vec<String> {
    let still = after.iter().filter(|it| it.rule == rule);
    let still = still.map(|it| format!("  {how} does not silence {}: {}", shown(&it.path), it.message));
    let others = before.iter().filter(|it| it.rule != rule);
    let key = |it: &Diagnostic| (it.rule, it.path.clone(), it.range);
    let lost = others.filter(|it| !after.iter().any(|other| key(other) == key(it)));
    let lost = lost.map(|it| format!("  {how} of {} silences as well: {}", rule.code(), it.message));
    still.chain(lost).collect()
}

/// The same world with a comment that names the rule: at the end of the line, or in front of everything but a shebang.
fn with_comment(world: &World, diagnostic: &Diagnostic, at_line: bool) -> World {
    let source = world.system.read_text(&diagnostic.path).expect("the case wrote it");
    let comment = format!("# fromwhere: ignore[{}]", diagnostic.rule.code());
    let mut lines: Vec<String> = source.lines().map(str::to_owned).collect();
    if at_line {
        let mut end = diagnostic.range.start.line as usize;
        // A string or a backslash has its comment where it ends.
        if lines[end].matches("\"\"\"").count() == 1 {
            end += 1 + lines[end + 1..].iter().position(|line| line.contains("\"\"\"")).expect("the string ends");
        }
        while lines[end].ends_with('\\') {
            end += 1;
        }
        let line = &mut lines[end];
        *line = format!("{line}  {comment}");
    } else {
        let after_shebang = usize::from(source.starts_with("#!"));
        lines.insert(after_shebang, comment);
    }
    world.with(&diagnostic.path, &(lines.join("\n") + "\n"))
}

/// The same world with a comment that names the rule, alone above a line; and where the diagnostic stands then.
fn with_line_above(world: &World, diagnostic: &Diagnostic, source: &str, line: u32) -> Option<(World, u32)> {
    let mut lines: Vec<&str> = source.lines().collect();
    let above = if source.starts_with("#!") { line.max(1) } else { line };
    let mark = if diagnostic.path.file_name() == Some("Jenkinsfile") { "//" } else { "#" };
    let comment = format!("{mark} fromwhere: ignore[{}]", diagnostic.rule.code());
    // In a command that goes on, a line of comment is another command.
    let goes_on = above.checked_sub(1).and_then(|it| lines.get(it as usize)).is_some_and(|it| it.ends_with('\\'));
    lines.insert(above as usize, &comment);
    let moved = diagnostic.range.start.line + u32::from(above <= diagnostic.range.start.line);
    (!goes_on).then(|| (world.with(&diagnostic.path, &(lines.join("\n") + "\n")), moved))
}
