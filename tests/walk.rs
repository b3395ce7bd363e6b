//! What a walk through a project leaves out.
//!
//! In: trees on the disk. Out: the files that a walk through them finds.
//!
//! **Invariant:** what git leaves out is asked of git itself.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use camino::Utf8Path;
use fromwhere::disk::Disk;
use fromwhere::walk::{Haste, walk};

/// Git's rules and the files that they are about. Directories come into being with their files.
const TREE: [(&str, &str); 24] = [
    (
        ".gitignore",
        "*.log.py\n/top.py\nbuild/\n!kept.log.py\nsub/two.py\n**/deep.py\n\\#hash.py\ntrailing.py  \n[\nx?.py\n",
    ),
    (".git/info/exclude", "excluded.py\n!x1.py\n"),
    ("sub/.gitignore", "!top.py\n/three.py\n!x2.py\nwas-ignored.py\n"),
    ("sub/below/.gitignore", "!three.py\n*\n!/four.py\n"),
    ("a.log.py", ""),
    ("kept.log.py", ""),
    ("top.py", ""),
    ("x1.py", ""),
    ("x2.py", ""),
    ("#hash.py", ""),
    ("trailing.py", ""),
    ("excluded.py", ""),
    ("of_user.py", ""),
    ("build/any.py", ""),
    ("sub/top.py", ""),
    ("sub/two.py", ""),
    ("sub/three.py", ""),
    ("sub/x2.py", ""),
    ("sub/excluded.py", ""),
    ("sub/of_user.py", ""),
    ("sub/build/any.py", ""),
    ("sub/below/three.py", ""),
    ("sub/below/four.py", ""),
    ("sub/below/further/deep.py", ""),
];

#[test]
#[expect(clippy::disallowed_methods, reason = "git is the specification")]
fn leaves_out_what_git_does() {
    let folder = tempfile::TempDir::new().unwrap();
    let home = Utf8Path::from_path(folder.path()).unwrap();
    let top = home.join("project");
    fs::create_dir(&top).unwrap();
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(&top).env_clear();
        command.env("HOME", home).env("PATH", "/usr/bin:/bin").output().expect("`apt install git`")
    };
    assert!(git(&["init", "--quiet"]).status.success());
    write(home, ".gitconfig", "[user]\n\texcludesFile = ~/other\n[Core]\n\texcludesfile = ~/rules\n");
    write(home, "rules", "of_user.py\n!sub/of_user.py\n");
    for (path, text) in TREE {
        write(&top, path, text);
    }
    let listed = git(&["ls-files", "--others", "--exclude-standard", "-z"]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    let mut expected: Vec<&str> = listed.split('\0').filter(|it| Utf8Path::new(it).extension() == Some("py")).collect();
    expected.sort_unstable();
    let variables = BTreeMap::from([("HOME".to_owned(), home.to_string())]);
    for from in [top.clone(), top.join("sub"), top.join("sub/below")] {
        let disk = Disk::new(variables.clone(), top.clone());
        let walked = walk(&disk, &from, Haste::AllCores);
        assert_eq!(walked, walk(&disk, &from, Haste::OneCore));
        let mut found: Vec<&str> = walked.files.iter().map(|it| it.strip_prefix(&top).unwrap().as_str()).collect();
        found.sort_unstable();
        let inside = |path: &&&str| top.join(path).starts_with(&from);
        assert_eq!(found, expected.iter().filter(inside).copied().collect::<Vec<_>>(), "from {from}");
        assert!(!found.is_empty());
    }
}

#[test]
fn how_deep_a_tree_goes_costs_no_stack() {
    let folder = tempfile::TempDir::new().unwrap();
    let top = Utf8Path::from_path(folder.path()).unwrap();
    let deep = top.join("d/".repeat(700));
    write(&deep, "m.py", "");
    let walk = |haste| walk(&Disk::new(BTreeMap::new(), top.to_owned()), top, haste).files;
    let on_little_stack = std::thread::scope(|scope| {
        let run = std::thread::Builder::new().stack_size(128 * 1024).spawn_scoped(scope, || walk(Haste::OneCore));
        run.unwrap().join().unwrap()
    });
    assert_eq!(on_little_stack, [deep.join("m.py")]);
    assert_eq!(walk(Haste::AllCores), on_little_stack);
}

#[expect(clippy::unwrap_used, reason = "a test's own files")]
fn write(below: &Utf8Path, path: &str, text: &str) {
    let path = below.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
