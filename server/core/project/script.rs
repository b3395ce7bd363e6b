//! What a script says about itself (PEP 723), in place of the project around it.
//!
//! In: the project, and a script's block. Out: the project as the script's runner sees it.
//!
//! **Invariant:** nothing that the project's manifests declare counts for a script; where its settings lie stays.

use super::declared::{Declared, Part};
use super::insertion::{Form, Insertion, in_toml};
use super::{NextDependency, Project, RequiresPython, Tool};
use crate::diagnostic::List;
use crate::document::Document;
use crate::launch::Script;
use crate::origin::{Evidence, ImportRoot, Origin, Problem};
use crate::text::Range;

/// Puts what a script declares in the place of what the project around it does.
pub(crate) fn of_script(around: Project, script: &Script) -> (Project, Vec<Problem>) {
    let (document, problem) = script.document();
    let mut problems: Vec<Problem> = problem.into_iter().collect();
    for (key, is_right, wanted) in [
        ("dependencies", document.at(&["dependencies"]).is_none_or(|it| it.array().is_some()), "a list"),
        ("requires-python", document.at(&["requires-python"]).is_none_or(|it| it.text().is_some()), "a string"),
    ] {
        if let Some(entry) = document.entry(&[key]).filter(|_| !is_right) {
            let message = format!("`{key}` is {}, not {wanted}", entry.node.kind());
            let line = Some(document.line(entry.key_span));
            problems.push(Problem { path: script.path.clone(), line, message });
        }
    }
    let project = Project {
        name: None,
        manifests: vec![script.path.clone()],
        requires_python: requires_python(&document),
        dependencies: dependencies(&document),
        next_dependency: dependency_insertion(&document, script).map(NextDependency::Edit),
        tool: Tool::Uv,
        // `uv run FILE` is `python FILE`.
        roots: script.path.parent().map(|folder| own_folder(folder.to_owned())).into_iter().collect(),
        ..around
    };
    (project, problems)
}

fn requires_python(document: &Document) -> Option<RequiresPython> {
    let (specifiers, span) = document.text_at(&["requires-python"])?;
    let (specifiers, path) = (specifiers.to_owned(), document.path.clone());
    Some(RequiresPython { specifiers, path, range: document.range(span) })
}

fn dependencies(document: &Document) -> Vec<Declared> {
    let list = document.at(&["dependencies"]).and_then(|it| it.array()).into_iter().flatten();
    list.filter_map(|node| Declared::read(node.text()?, &document.path, document.range(node.span), Part::Main))
        .collect()
}

/// A new line of the block begins with its comment sign, which the document has as blanks.
pub(super) fn dependency_insertion(document: &Document, script: &Script) -> Option<Insertion> {
    if script.block.flaw.is_some() {
        return None;
    }
    if document.at(&["dependencies"]).is_none() {
        // Before every table.
        let range = Range::at_line(script.block.line + 1);
        let (prefix, suffix) = ("# dependencies = [".to_owned(), "]\n".to_owned());
        return (!document.broken).then(|| Insertion {
            list: List::Dependencies,
            path: script.path.clone(),
            range,
            prefix,
            suffix,
            form: Form::Quoted,
            creates: false,
        });
    }
    let mut found = in_toml::into_array(document, document.at(&["dependencies"])?)?;
    let (first, further) = match found.prefix.split_once('\n') {
        Some((first, further)) => (first.to_owned(), Some(further)),
        None => (found.prefix.clone(), None),
    };
    if let Some(further) = further {
        let indentation = further.strip_prefix("  ").unwrap_or(further);
        found.prefix = format!("{first}\n# {indentation}");
    }
    Some(found)
}

fn own_folder(path: camino::Utf8PathBuf) -> ImportRoot {
    let evidence = Evidence::Assumption("the script's own folder");
    ImportRoot { path, origin: Origin::Project, exists: true, same_as: None, evidence }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports;
    use crate::launch::{self, Launch};
    use crate::text::Text;

    fn read(source: &str) -> (Project, Vec<Problem>) {
        let imports = imports::scan(&Text::new(source.to_owned()));
        let Some(Launch::Script(script)) = launch::of("/p/run.py".into(), &imports) else { panic!("no script") };
        of_script(Project { name: Some("around".to_owned()), ..Project::default() }, &script)
    }

    /// Adds `"new"` where the project says.
    fn added(source: &str) -> String {
        let text = Text::new(source.to_owned());
        let Some(NextDependency::Edit(it)) = read(source).0.next_dependency else { panic!("no edit") };
        let Insertion { range, prefix, suffix, .. } = it;
        let offset = |point: crate::text::Point| (text.line_span(point.line).start + point.utf8) as usize;
        let mut after = source.to_owned();
        after.replace_range(offset(range.start)..offset(range.end), &format!("{prefix}\"new\"{suffix}"));
        let names: Vec<String> = read(&after).0.dependencies.into_iter().map(|it| it.name).collect();
        assert!(names.contains(&"new".to_owned()), "{after}");
        after
    }

    #[test]
    fn a_block_takes_the_place_of_the_manifests() {
        let (project, problems) = read(
            "# /// script\n# requires-python = \">=3.11\"\n# dependencies = [\"Rich>13\", \"a; os_name == 'x'\"]\n# ///\n",
        );
        assert_eq!(problems, []);
        assert_eq!((project.name, project.tool), (None, Tool::Uv));
        assert_eq!(project.manifests, ["/p/run.py"]);
        assert_eq!(project.roots.iter().map(|it| it.path.as_str()).collect::<Vec<_>>(), ["/p"]);
        let requires = project.requires_python.unwrap();
        assert_eq!((requires.specifiers.as_str(), requires.range.start.line), (">=3.11", 1));
        let declared: Vec<_> = project.dependencies.iter().map(|it| (it.name.as_str(), it.is_optional())).collect();
        assert_eq!(declared, [("rich", false), ("a", true)]);
        assert_eq!((project.dependencies[0].range.start.line, project.dependencies[0].range.start.utf8), (2, 18));
    }

    #[test]
    fn what_is_wrong_is_a_problem_at_its_line() {
        for (source, line, message) in [
            ("# /// script\n# a = 1\n# ///\n\n# /// script\n# b = 1\n# ///\n", 5, "a second `script` block"),
            ("\n# /// script\n# a = 1\n", 2, "no `# ///` closes"),
            ("# /// script\n# a = 1\n# b = = 2\n# ///\n", 3, "not valid TOML"),
            ("# /// script\n# dependencies = \"rich\"\n# ///\n", 2, "`dependencies` is a string, not a list"),
            ("# /// script\n#\n# requires-python = 3\n# ///\n", 3, "`requires-python` is an integer, not a string"),
        ] {
            let (project, problems) = read(source);
            assert_eq!(problems.iter().map(|it| it.line).collect::<Vec<_>>(), [Some(line)], "{source}");
            assert!(problems[0].message.starts_with(message), "{problems:?}");
            assert_eq!(project.dependencies, []);
        }
    }

    #[test]
    fn a_new_line_of_the_block_begins_with_its_comment_sign() {
        for (source, expected) in [
            ("# /// script\n# dependencies = []\n# ///\n", "# /// script\n# dependencies = [\"new\"]\n# ///\n"),
            (
                "# /// script\n# dependencies = [\"a\"]\n# ///\n",
                "# /// script\n# dependencies = [\"a\", \"new\"]\n# ///\n",
            ),
            (
                "#!/x\n# /// script\n# dependencies = [\n#   \"a\", # why\n# ]\n# ///\n",
                "#!/x\n# /// script\n# dependencies = [\n#   \"a\", # why\n#   \"new\",\n# ]\n# ///\n",
            ),
            (
                "# /// script\n# dependencies = [\n#   \"a\"\n# ]\n# ///\n",
                "# /// script\n# dependencies = [\n#   \"a\",\n#   \"new\"\n# ]\n# ///\n",
            ),
            (
                "# /// script\n# dependencies = [\n# ]\n# ///\n",
                "# /// script\n# dependencies = [\n#   \"new\",\n# ]\n# ///\n",
            ),
            ("# /// script\n# [tool.uv]\n# ///\n", "# /// script\n# dependencies = [\"new\"]\n# [tool.uv]\n# ///\n"),
        ] {
            assert_eq!(added(source), expected);
        }
    }
}
