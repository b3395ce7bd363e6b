//! Keeps the house as its rules say: sizes, words, borders. What the compiler can keep is left to the compiler.
//!
//! In: the files of this repository. Out: one line for each place that breaks a rule.
//!
//! **Invariant:** a rule has no list of exceptions; it either holds everywhere or is not here.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};

use fromwhere_core::rules::Rule;

const LONGEST_FILE: usize = 500;

/// Where a crate may be named, and nowhere else: prefixes of paths.
const BORDERS: &[(&str, &[&str])] = &[
    ("anyhow", &["server/main.rs", "server/cli"]),
    ("crate::cli", &["server/cli"]),
    ("crate::lsp", &["server/lsp"]),
    ("dashmap", &["server/disk"]),
    // What writes to the disk.
    ("fs::rename", &["server/cli/replace.rs", "server/lsp/page_folder.rs"]),
    ("fs::write", &["server/cli/replace.rs"]),
    ("tempfile", &["server/cli/replace.rs", "server/lsp/page_folder.rs", "server/native/elsewhere.rs"]),
    ("ignore::", &["server/walk/ignored.rs"]),
    ("notify::", &["server/watch"]),
    ("rustix::", &["server/native/"]),
    ("signal_hook", &["server/native/"]),
    // Imports are read with the parser of Python, and the literals that start-up files, editable finders and `setup.py`
    // carry.
    (
        "ruff_",
        &[
            "server/core/imports",
            "server/core/interpreter/editable.rs",
            "server/core/interpreter/literal.rs",
            "server/core/interpreter/startup.rs",
            "server/core/interpreter/startup/guarded.rs",
            "server/core/interpreter/startup/module.rs",
            "server/core/project/setup_py.rs",
            "server/core/text.rs",
        ],
    ),
    ("tokio", &["server/lsp", "server/watch"]),
    ("tower_lsp", &["server/lsp"]),
];

const NEVER_IN_CORE: &[&str] =
    &["anyhow", "clap", "dashmap", "notify", "rayon", "tokio", "tower", "tower-lsp", "tracing"];

/// Words that stand for a thought not finished, or for one nobody wants to have.
const NEVER_IN_RUST: &[&str] = &["#[allow(", "#![allow(", "#[ignore", "todo!(", "unimplemented!("];

const NEVER_IN_SERVER: &[&str] = &["println!(", "eprintln!(", "print!(", "eprint!(", "dbg!("];

/// Folders that npm and esbuild make beside the sources.
const MADE: &[&str] = &["node_modules", "dist"];

const NO_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "manager", "misc"];

const TOP_LEVEL_FOLDERS: &[&str] = &[".cargo", ".ci", "demo", "editors", "server", "tests"];

#[test]
fn files_are_short() {
    holds(
        files()
            .iter()
            .filter(|file| file.is(&["rs", "lua", "py", "ts", "mjs", "cjs", "js", "sh"]) || file.starts_with_shebang()),
        |file| {
            let lines = file.text.lines().count();
            (lines > LONGEST_FILE).then(|| format!("{lines} lines, the most is {LONGEST_FILE}"))
        },
    );
}

#[test]
fn every_module_says_what_it_is_and_what_always_holds() {
    holds(server().iter(), |file| {
        let said: String = file.text.lines().take_while(|line| line.starts_with("//!")).collect();
        (!said.contains("**Invariant:**")).then(|| "its `//!` does not start the file or has no **Invariant:**".into())
    });
}

#[test]
fn borders_are_kept() {
    holds(server().iter(), |file| {
        BORDERS.iter().find_map(|(word, places)| {
            let inside = places.iter().any(|place| file.path.starts_with(place));
            if inside { None } else { file.code_with(word) }
        })
    });
}

#[test]
fn the_core_depends_on_nothing_of_the_outside() {
    let manifest = fs::read_to_string(repository().join("server/core/Cargo.toml")).unwrap();
    let found: Vec<&str> = manifest
        .lines()
        .filter(|line| NEVER_IN_CORE.contains(&line.split([' ', '.', '=']).next().unwrap_or_default()))
        .collect();
    assert!(found.is_empty(), "server/core/Cargo.toml: {found:?}");
}

#[test]
fn nothing_is_printed_but_by_the_one_who_may() {
    holds(server().iter(), |file| NEVER_IN_SERVER.iter().find_map(|word| file.code_with(word)));
}

#[test]
fn nothing_is_left_for_later() {
    holds(files().iter().filter(|file| file.is(&["rs"]) && file.path != "tests/tidy.rs"), |file| {
        NEVER_IN_RUST.iter().find_map(|word| file.code_with(word))
    });
}

#[test]
fn names_say_something() {
    holds(files().iter().filter(|file| !file.path.starts_with("demo/.venv")), |file| {
        let named = Path::new(&file.path).components().find_map(|part| {
            let part = part.as_os_str().to_str()?;
            let stem = part.split('.').next()?;
            NO_NAMES.contains(&stem).then(|| part.to_owned())
        });
        named.map(|part| format!("`{part}` is no name"))
    });
}

#[test]
fn every_rule_has_its_page_and_every_page_its_rule() {
    for rule in Rule::ALL {
        let heading = format!("# {}\n", rule.code());
        assert!(rule.page().starts_with(&heading), "{}.md does not start with its heading", rule.code());
        assert!(rule.page().lines().count() > 10, "{}.md says too little", rule.code());
    }
    holds(files().iter().filter(|file| file.path.starts_with("server/core/rules/")), |file| {
        let code = file.path.strip_prefix("server/core/rules/").and_then(|name| name.strip_suffix(".md"));
        code.and_then(Rule::from_code).is_none().then(|| "a page without a rule".into())
    });
}

#[test]
fn the_readme_lists_every_rule() {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    for rule in Rule::ALL {
        assert!(readme.contains(&format!("`{}`", rule.code())), "README.md does not list `{}`", rule.code());
    }
}

#[test]
fn every_test_file_is_run() {
    let main = fs::read_to_string(repository().join("tests/main.rs")).unwrap();
    holds(files().iter().filter(|file| file.is(&["rs"])), |file| {
        let name = file.path.strip_prefix("tests/")?.strip_suffix(".rs")?;
        let alone = !name.contains('/') && name != "main" && !main.contains(&format!("mod {name};"));
        alone.then(|| "not declared in tests/main.rs".into())
    });
}

#[test]
fn the_changelog_knows_this_version() {
    let changelog = fs::read_to_string(repository().join("CHANGELOG.md")).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    assert!(changelog.contains(&format!("## {version}")), "CHANGELOG.md has no heading for {version}");
}

#[test]
fn nothing_tells_where_it_was_made() {
    // In two pieces each, so that this file does not name them.
    let halves = [
        ("/wo", "rk/trees"),
        ("/wo", "rk/main"),
        ("/wo", "rk/shared"),
        ("/wo", "rk/.library"),
        ("/ro", "ot/"),
        ("far", "m-"),
    ];
    let places = halves.map(|(head, tail)| format!("{head}{tail}"));
    holds(files().iter(), |file| {
        let line = file.text.lines().position(|line| places.iter().any(|place| line.contains(place)))?;
        Some(format!("line {} names a place of the one who wrote it", line + 1))
    });
}

#[test]
fn the_top_level_is_as_agreed() {
    let mut unknown: Vec<String> = fs::read_dir(repository())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| name != "target" && name != ".git" && !TOP_LEVEL_FOLDERS.contains(&name.as_str()))
        .collect();
    unknown.sort();
    assert!(unknown.is_empty(), "folders that nobody agreed on: {unknown:?}");
}

struct SourceFile {
    /// From the repository's root, with `/`.
    path: String,
    text: String,
}

impl SourceFile {
    fn is(&self, extensions: &[&str]) -> bool {
        Path::new(&self.path).extension().is_some_and(|it| extensions.iter().any(|extension| it == *extension))
    }

    fn starts_with_shebang(&self) -> bool {
        self.text.starts_with("#!/")
    }

    /// Where `word` stands outside of comments, and not as the tail of a longer word.
    fn code_with(&self, word: &str) -> Option<String> {
        let in_a_longer_word = |before: &str| before.ends_with(|it: char| it.is_alphanumeric() || it == '_');
        let line = self.text.lines().position(|line| {
            let code = line.trim_start();
            !code.starts_with("//") && code.match_indices(word).any(|(at, _)| !in_a_longer_word(&code[..at]))
        })?;
        Some(format!("line {} names `{word}`", line + 1))
    }
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn server() -> Vec<SourceFile> {
    files().into_iter().filter(|file| file.path.starts_with("server/") && file.is(&["rs"])).collect()
}

/// Every text file of the repository; what was built, Git's own and links are left out.
fn files() -> Vec<SourceFile> {
    let mut folders: Vec<PathBuf> = vec![repository().to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let relative = path.strip_prefix(repository()).unwrap().to_str().unwrap().to_owned();
            let kind = fs::symlink_metadata(&path).unwrap().file_type();
            let is_made = relative == "target" || relative == ".git" || MADE.iter().any(|name| path.ends_with(name));
            if kind.is_dir() && !is_made {
                folders.push(path);
            } else if kind.is_file()
                && relative != ".git"
                && let Ok(text) = fs::read_to_string(&path)
            {
                files.push(SourceFile { path: relative, text });
            }
        }
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    files
}

fn holds<'a>(files: impl Iterator<Item = &'a SourceFile>, broken: impl Fn(&SourceFile) -> Option<String>) {
    let (mut seen, mut places) = (0, Vec::new());
    for file in files {
        seen += 1;
        places.extend(broken(file).map(|what| format!("{}: {what}", file.path)));
    }
    assert!(seen > 0, "no file was looked at");
    assert!(places.is_empty(), "\n{}", places.join("\n"));
}
