//! Companion modules as each backend writes them.
//!
//! In: their text. Out: the hook they install.
//!
//! **Invariant:** the texts have the shape of real ones; `tests/tools/editables.py` has every backend write its own.

use super::*;
use crate::system::memory::MemorySystem;

fn read(module: &str, source: &str) -> Option<Companion> {
    let mut system = MemorySystem::default();
    system.write(format!("/s/{module}.py"), source);
    companion(&system, "/s".into(), module, "/s/x.pth".into(), 1)
}

#[test]
fn setuptools_writes_a_mapping() {
    let source = "from __future__ import annotations\nMAPPING: dict[str, str] = {'mod': '/p/mod', 'pkg': '/p/pkg'}\n\
                  NAMESPACES: dict[str, list[str]] = {'ns': ['/p/ns']}\n\
                  PATH_PLACEHOLDER = '__editable__.x-1.finder' + \".__path_hook__\"\n";
    let companion = read("__editable___x_1_finder", source).unwrap();
    assert_eq!(companion.finder.placeholder.as_deref(), Some("__editable__.x-1.finder.__path_hook__".into()));
    assert_eq!(companion.finder.precedence, Precedence::Last);
    let expected = [
        ("mod".to_owned(), FinderTarget::Stem("/p/mod".into())),
        ("pkg".to_owned(), FinderTarget::Stem("/p/pkg".into())),
        ("ns".to_owned(), FinderTarget::Namespace(vec!["/p/ns".into()])),
    ];
    assert_eq!(companion.finder.modules, expected);
}

#[test]
fn editables_map_modules_one_by_one() {
    let source = "from _editable_impl_x import F\nF.map_module('x', '/p/x/__init__.py')\nF.install()\n";
    let companion = read("_editable_impl_x", source).unwrap();
    assert_eq!(companion.finder.modules, [("x".to_owned(), FinderTarget::File("/p/x/__init__.py".into()))]);
}

#[test]
fn scikit_build_prefers_the_wheel() {
    let source =
        "install({'x': '/p/x/__init__.py', 'x._c': '/p/old.so'}, {'x._c': 'x/_c.so'}, {'n': ['n']}, [], None)\n";
    let companion = read("_editable_skbc_x", source).unwrap();
    assert_eq!(companion.finder.precedence, Precedence::First);
    let expected = [
        ("x._c".to_owned(), FinderTarget::File("/s/x/_c.so".into())),
        ("x".to_owned(), FinderTarget::File("/p/x/__init__.py".into())),
        ("n".to_owned(), FinderTarget::Namespace(vec!["/s/n".into()])),
    ];
    assert_eq!(companion.finder.modules, expected);
}

#[test]
fn what_is_not_written_out_is_not_understood() {
    assert_eq!(read("__editable___x_1_finder", "MAPPING = compute()\n"), None);
    assert_eq!(read("something_else", "MAPPING = {}\n"), None);
}

#[test]
fn each_setuptools_has_its_own_reach() {
    let source = |rest: &str| {
        format!(
            "MAPPING = {{'ns.part': '/p'}}\nNAMESPACES = {{'ns': [], 'far': ['/q']}}\n\
             PATH_PLACEHOLDER = '__editable__.x-1.finder' + \".__path_hook__\"\n{rest}\n"
        )
    };
    let hook = "__editable__.x-1.finder.__path_hook__";
    let rows: [(&str, Reach, &[&str]); 4] = [
        ("def f(): return fullname.startswith(pkg)", Reach::Letters, &["/q"]),
        ("def f(): return fullname.startswith(f\"{pkg}.\")", Reach::Below, &["/q"]),
        ("", Reach::Children, &["/q"]),
        ("def f(): return [*paths, PATH_PLACEHOLDER]", Reach::Children, &["/q", hook]),
    ];
    for (text, reach, far) in rows {
        let finder = read("__editable___x_1_finder", &source(text)).unwrap().finder;
        assert_eq!(finder.reach, reach, "{text}");
        let portions = |name: &str| finder.modules.iter().find(|(it, _)| it == name).map(|(_, target)| target.clone());
        assert_eq!(portions("ns"), Some(FinderTarget::Namespace(vec![hook.into()])), "a path must not be empty");
        assert_eq!(portions("far"), Some(FinderTarget::Namespace(far.iter().map(|&it| it.into()).collect())));
    }
}

#[test]
fn each_scikit_build_has_its_own_directories() {
    let call = |rest: &str| {
        format!(
            "install({{'x': '/p/x/__init__.py', 'x.sub': '/p/x/sub/__init__.py', 'x.n.t': '/p/x/n/t.py'}}, \
             {{'x._c': 'x/_c.so'}}, {rest})\n"
        )
    };
    let mut system = MemorySystem::default();
    system.create_directory("/s/x/sub");
    let mut directories = |template: &str, rest: &str| {
        system.write("/s/_editable_skbc_x.py", format!("{template}\n{}", call(rest)));
        let found = companion(&system, "/s".into(), "_editable_skbc_x", "/s/x.pth".into(), 1).unwrap();
        let namespaces = found.finder.modules.into_iter().filter_map(|(name, target)| match target {
            FinderTarget::Namespace(all) => {
                Some(format!("{name} {}", all.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(" ")))
            }
            _ => None,
        });
        namespaces.collect::<Vec<_>>()
    };
    assert_eq!(directories("", "None, False, True"), [""; 0], "0.5");
    let middle = directories("# submodule_search_locations", "None, False, True, [], [], ''");
    assert_eq!(middle, ["x /p/x /s/x", "x.sub /p/x/sub"], "0.10: what has no `__init__` is left to the path");
    let written = "{'x': ['/p/x', 'x'], 'x.sub': ['/p/x/sub'], 'x.n': ['/p/x/n']}, ['x', 'x.sub'], None";
    let new = directories("# submodule_search_locations", written);
    assert_eq!(new, ["x /s/x /p/x", "x.n /p/x/n", "x.sub /s/x/sub /p/x/sub"], "1.0: what is installed comes first");

    let inplace = read("_editable_skbc_y", "install_inplace(['y'], ['/p/src'], '/p', False, True, [])\n").unwrap();
    assert_eq!(inplace.finder.modules, [("y".to_owned(), FinderTarget::Within(vec!["/p/src".into()]))]);
}

#[test]
fn meson_says_itself_what_it_installs() {
    let mut system = MemorySystem::default();
    let plan = r#"{"python": {"/p/m.py": {"destination": "{py_purelib}/m.py"}, "/p/x.h": {"destination": "{includedir}/x.h"}},
        "install_subdirs": {"/p/src": {"destination": "{py_platlib}/pkg", "exclude_files": ["no.py"], "exclude_dirs": ["out"]}}}"#;
    for file in ["/p/src/__init__.py", "/p/src/no.py", "/p/src/out/x.py", "/p/src/in/x.py"] {
        system.write(file, "");
    }
    let source = "def f(): return os.path.join(__file__, name)\n\
                  def init():\n  finder = MesonpyMetaFinder('x', {'pkg', 'm'}, '/p/build', ['ninja'], False)\n  sys.y()\n";
    system.write("/s/_x_editable_loader.py", source);
    let read = |system: &MemorySystem| companion(system, "/s".into(), "_x_editable_loader", "/s/x.pth".into(), 1);
    let without = read(&system).unwrap();
    assert!(!without.whole, "the build is gone");
    assert_eq!(without.finder.reach, Reach::Installed([].into()));

    system.write("/p/build/meson-info/intro-install_plan.json", plan);
    let companion = read(&system).unwrap();
    assert!(companion.whole);
    let Reach::Installed(files) = companion.finder.reach else { panic!("a list of files") };
    let files: Vec<_> = files.iter().map(|(inside, file)| format!("{inside} = {file}")).collect();
    assert_eq!(files, ["m.py = /p/m.py", "pkg/__init__.py = /p/src/__init__.py", "pkg/in/x.py = /p/src/in/x.py"]);
    let places = FinderTarget::Namespace(vec!["/s/_x_editable_loader.py/pkg".into()]);
    assert!(companion.finder.modules.contains(&("pkg".to_owned(), places)));
    system.set_variable("MESONPY_EDITABLE_SKIP", "/p/build");
    assert_eq!(read(&system), None);
}
