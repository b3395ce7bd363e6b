//! Import hooks of editable installs, one kind after the other.
//!
//! In: an interpreter with hooks, a tree in memory. Out: what the hooks' own `find_spec` would report.
//!
//! **Invariant:** every row was seen with the real hook; `tests/oracle/editables.rs` asks them all.

use camino::Utf8PathBuf;

use super::{answer, python, root, tree};
use crate::interpreter::{Finder, FinderTarget, Interpreter, Loaded, Namespace, Precedence, Reach};
use crate::origin::{Evidence, ImportRoot, Origin};
use crate::resolve::Resolver;

const PLACEHOLDER: &str = "__editable__.pkg-1.finder.__path_hook__";

fn finder(precedence: Precedence, reach: Reach, modules: &[(&str, FinderTarget)]) -> Finder {
    Finder {
        path_file: "/one/__editable__.pkg-1.pth".into(),
        line: 1,
        precedence,
        reach,
        placeholder: None,
        modules: modules.iter().map(|(name, target)| ((*name).to_owned(), target.clone())).collect(),
    }
}

fn with(finders: &[Finder]) -> Interpreter {
    let mut interpreter = python(11);
    interpreter.finders = finders.to_vec();
    if finders.iter().any(|it| it.placeholder.is_some()) {
        let evidence = Evidence::line("/one/__editable__.pkg-1.pth".into(), 1);
        interpreter.search_path.push(ImportRoot { evidence, ..root(PLACEHOLDER, Origin::Editable) });
    }
    interpreter
}

fn stem(path: &str) -> FinderTarget {
    FinderTarget::Stem(path.into())
}

fn portions(paths: &[&str]) -> FinderTarget {
    FinderTarget::Namespace(paths.iter().map(|&path| path.into()).collect())
}

#[test]
fn namespaces_inside_namespaces() {
    let modules = [
        ("far.away.part", stem("/src/part")),
        ("far", portions(&[PLACEHOLDER])),
        ("far.away", portions(&[PLACEHOLDER])),
        ("wide", portions(&["/src/wide", PLACEHOLDER])),
        ("wide.deep", portions(&["/src/deep", PLACEHOLDER])),
    ];
    let finder = finder(Precedence::Last, Reach::Children, &modules);
    let interpreter = with(&[Finder { placeholder: Some(PLACEHOLDER.into()), ..finder }]);
    let system = tree(&["/src/part/__init__.py", "/src/part/a.py", "/src/wide/deep/x.py", "/src/deep/y.py"]);
    for (name, expected) in [
        ("far", "namespace"),
        ("far.away", "namespace"),
        ("far.away.part", "package /src/part/__init__.py"),
        ("far.away.part.a", "source /src/part/a.py"),
        ("far.a", "unresolved"),
        ("wide", "namespace /src/wide"),
        ("wide.deep", "namespace /src/wide/deep /src/deep"),
        ("wide.deep.y", "source /src/deep/y.py"),
    ] {
        assert_eq!(answer(&system, &interpreter, &[], name), expected, "{name}");
    }
    let far = Resolver::new(&system, &interpreter, &[]).resolve("far");
    assert_eq!((far.origin, far.locations, far.root), (Some(Origin::Editable), Some(Vec::new()), None));
}

#[test]
fn older_setuptools_go_by_letters() {
    let system = tree(&["/src/pkg/__init__.py", "/src/pkg/sub.py", "/src/pkg/in/x.py", "/src/pkg_two.py"]);
    let modules = [("pkg", stem("/src/pkg")), ("pkg_two", stem("/src/pkg_two"))];
    for (reach, name, expected) in [
        (Reach::Letters, "pkgsub", "source /src/pkg/sub.py"),
        (Reach::Letters, "pkg_two", "source /src/pkg_two.py"),
        (Reach::Below, "pkgsub", "unresolved"),
        (Reach::Below, "pkg.in.x", "source /src/pkg/in/x.py"),
        (Reach::Below, "pkg.no", "unresolved"),
        (Reach::Children, "pkgsub", "unresolved"),
        (Reach::Children, "pkg.sub", "source /src/pkg/sub.py"),
    ] {
        let interpreter = with(&[finder(Precedence::Last, reach.clone(), &modules)]);
        assert_eq!(answer(&system, &interpreter, &[], name), expected, "{reach:?} {name}");
    }
}

#[test]
fn what_meson_has_built() {
    let files = [
        ("pkg/__init__.py", "/src/init.py"),
        ("pkg/_c.so", "/build/_c.so"),
        ("pkg/data/table.txt", "/src/table.txt"),
        ("m.py", "/src/m.py"),
    ];
    let files = files.map(|(inside, file)| (Utf8PathBuf::from(inside), Utf8PathBuf::from(file)));
    let modules = [("pkg", portions(&["/one/_loader.py/pkg"])), ("m", portions(&["/one/_loader.py/m"]))];
    let interpreter = with(&[finder(Precedence::First, Reach::Installed(files.into()), &modules)]);
    let system = tree(&["/one/pkg/other.py", "/one/m.py"]);
    for (name, expected) in [
        ("pkg", "package /src/init.py"),
        ("pkg._c", "extension /build/_c.so"),
        ("pkg.data", "namespace /one/_loader.py/pkg.data"),
        ("pkg.other", "unresolved"),
        ("m", "source /src/m.py"),
    ] {
        assert_eq!(answer(&system, &interpreter, &[], name), expected, "{name}");
    }
    let package = Resolver::new(&system, &interpreter, &[]).resolve("pkg");
    assert_eq!(package.locations, Some(vec!["/one/_loader.py/pkg".into()]));
}

#[test]
fn hooks_that_are_put_first() {
    let within = FinderTarget::Within(vec!["/src".into()]);
    let first = finder(Precedence::First, Reach::Listed, &[("a", within.clone()), ("n", within)]);
    let space = [("a", FinderTarget::File("/later/a.py".into())), ("space", portions(&["/src/space"]))];
    let system = tree(&["/src/a.py", "/one/a.py", "/src/n/x.py", "/one/n.py", "/src/space/x.py", "/two/space/y.py"]);
    let interpreter = with(std::slice::from_ref(&first));
    assert_eq!(answer(&system, &interpreter, &[], "a"), "source /src/a.py");
    assert_eq!(answer(&system, &interpreter, &[], "n"), "source /one/n.py", "namespaces are left to the path");
    let interpreter = with(&[first, finder(Precedence::First, Reach::Listed, &space)]);
    assert_eq!(answer(&system, &interpreter, &[], "a"), "source /later/a.py", "the last one stands in front");
    assert_eq!(answer(&system, &interpreter, &[], "space"), "namespace /src/space /two/space");
}

/// Setuptools' hook of a Python that lies apart from its extension modules.
#[test]
fn what_replaces_distutils_has_to_be_imported() {
    let mut interpreter = python(10);
    interpreter.distutils_is_setuptools = true;
    let files = ["/std/distutils/__init__.py", "/std/importlib/__init__.py", "/one/setuptools/_distutils/__init__.py"];
    let mut system = tree(&files);
    // What is not of the library may be found all the same: setuptools changes the path.
    system.write("/one/setuptools/__init__.py", "import more_itertools\nimport subprocess\n");
    system.write("/std/subprocess.py", "import _posixsubprocess\n").write("/std/importlib/abc.py", "import math\n");
    let (old, new) = ("def find_spec(): pass\n", "try: pass\nexcept Exception: pass\n");
    system.write("/one/_distutils_hack/__init__.py", new);
    assert_eq!(answer(&system, &interpreter, &[], "distutils"), "package /std/distutils/__init__.py");
    let mut insisting = system.clone();
    insisting.write("/one/_distutils_hack/__init__.py", old);
    assert_eq!(answer(&insisting, &interpreter, &[], "distutils"), "unresolved");
    // What is loaded is not replaced by what came to stand in front of it.
    interpreter.search_path.insert(0, root("/front", Origin::PathFile));
    for system in [&mut system, &mut insisting] {
        system.write("/front/encodings/__init__.py", "").write("/std/encodings/__init__.py", "");
        system.write("/std/encodings/aliases.py", "").write("/std/_random.py", "import encodings.aliases\n");
        system.write("/one/setuptools/__init__.py", "import subprocess, _random\n");
        system.write("/std/_posixsubprocess.so", "");
        let own = "source /one/setuptools/_distutils/__init__.py";
        assert_eq!(answer(system, &interpreter, &[], "distutils"), own);
        system.write("/std/importlib/abc.py", "import _missing\n");
        assert_eq!(answer(system, &interpreter, &[], "distutils"), "unresolved", "the hook itself fails");
    }
}

#[test]
fn what_comes_before_a_script_s_own_folder() {
    let mut interpreter = with(&[
        finder(Precedence::First, Reach::Listed, &[("built", FinderTarget::File("/src/built.py".into()))]),
        finder(Precedence::Last, Reach::Listed, &[("edited", FinderTarget::File("/src/edited.py".into()))]),
    ]);
    let made = |name: &str| Namespace {
        name: name.to_owned(),
        site: "/one".into(),
        portion: format!("/one/{name}").into(),
        is_searched: true,
    };
    interpreter.namespaces = vec![made("google"), made("zope")];
    let system = tree(&[
        "/src/built.py",
        "/src/edited.py",
        "/one/google/two.py",
        "/one/zope/__init__.py",
        "/one/regular/__init__.py",
        "/one/space/one.py",
        "/proj/built.py",
        "/proj/edited.py",
        "/proj/google/__init__.py",
        "/proj/google/three.py",
        "/proj/zope/own.py",
        "/proj/regular/own.py",
        "/proj/space/own.py",
    ]);
    let resolver = Resolver::new(&system, &interpreter, &[]);
    let beside = |name: &str| resolver.resolve_beside(name, "/proj".into()).and_then(|it| it.path);
    for name in ["built", "google", "google.three", "zope", "zope.own", "regular", "regular.own", "math"] {
        assert_eq!(beside(name), None, "{name}");
    }
    assert_eq!(beside("edited"), Some("/proj/edited.py".into()));
    assert_eq!(beside("space.own"), Some("/proj/space/own.py".into()));
    // Two parts of a namespace that a line has made: its path follows what comes to `sys.path`.
    let system = tree(&["/one/google/two.py", "/proj/google/three.py"]);
    let resolver = Resolver::new(&system, &interpreter, &[]);
    let found = resolver.resolve_beside("google.three", "/proj".into()).and_then(|it| it.path);
    assert_eq!(found, Some("/proj/google/three.py".into()));
}

#[test]
fn what_code_at_start_has_imported_in_turn_is_not_imported_again_by_a_script() {
    let mut interpreter = python(11);
    let path = ["/std".into(), "/one".into()].into();
    interpreter.loaded = vec![Loaded { name: "hook".to_owned(), root: "/one".into(), path }];
    let mut system = tree(&["/std/deep.py", "/std/other.py", "/proj/deep.py", "/proj/hook.py", "/proj/other.py"]);
    system.write("/one/hook.py", "import deep\nif x:\n    import other\n");
    let resolver = Resolver::new(&system, &interpreter, &[]);
    let beside = |name: &str| resolver.resolve_beside(name, "/proj".into());
    assert_eq!((beside("deep"), beside("hook")), (None, None));
    assert_eq!(beside("other").and_then(|it| it.twin).map(|it| it.path), Some("/std/other.py".into()));
}
