//! What a walk leaves out.
//!
//! In: a tree in memory. Out: the files that a walk through it finds.
//!
//! **Invariant:** no disk is asked; `tests/walk.rs` holds the rules against git itself.

use camino::Utf8PathBuf;
use fromwhere_core::system::memory::MemorySystem;

use super::{Haste, walk};

#[test]
fn a_nested_repository_has_rules_of_its_own() {
    let mut system = MemorySystem::default();
    system.write("/p/.gitignore", "a.py\n").write("/p/.ignore", "c.py\n").create_directory("/p/.git");
    system
        .write("/p/a.py", "")
        .write("/p/nested/a.py", "")
        .write("/p/nested/c.py", "")
        .write("/p/nested/.git", "gitdir: ../.git/modules/n\n");
    system.write("/p/nested/d.py", "").write("/p/.git/modules/n/commondir", "../../common\n");
    system.write("/p/.git/common/info/exclude", "d.py\n");
    assert_eq!(files(&system, "/p"), ["/p/nested/a.py"]);
}

#[test]
fn the_nearest_rule_decides_and_ignore_goes_first() {
    let mut system = MemorySystem::default();
    system.write("/p/.gitignore", "*.py\n").write("/p/.ignore", "!kept.py\n");
    system
        .write("/p/kept.py", "")
        .write("/p/other.py", "")
        .write("/p/b/.gitignore", "!other.py\n")
        .write("/p/b/other.py", "");
    assert_eq!(files(&system, "/p"), ["/p/b/other.py", "/p/kept.py"]);
}

#[test]
fn what_is_an_environment_or_hidden_is_passed_over() {
    let mut system = MemorySystem::default();
    for path in ["/p/m.py", "/p/env/pyvenv.cfg", "/p/env/lib/m.py", "/p/conda/conda-meta/history", "/p/conda/m.py"] {
        system.write(path, "");
    }
    system.write("/p/old/lib/python3.7/orig-prefix.txt", "").write("/p/old/lib/python3.7/os.py", "");
    for path in ["/p/.hidden/m.py", "/p/.github/workflows/ci.yml", "/p/a/site-packages/m.py", "/p/a/b.py", "/p/a.py"] {
        system.write(path, "");
    }
    system.link("/p/link", "/p/a").forbid("/p/a/closed");
    assert_eq!(files(&system, "/p"), ["/p/.github/workflows/ci.yml", "/p/a/b.py", "/p/a.py", "/p/m.py"]);
    // An environment that is named itself is walked through.
    assert_eq!(files(&system, "/p/env"), ["/p/env/lib/m.py"]);
}

fn files(system: &MemorySystem, directory: &str) -> Vec<Utf8PathBuf> {
    walk(system, directory.into(), Haste::AllCores).files
}
