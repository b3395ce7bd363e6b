//! The rules of `syspath.md` 11 and 15.5, one row each.
//!
//! In: a tree of files in memory. Out: what importlib reports for one name.
//!
//! **Invariant:** every row was seen with a real interpreter; `tests/oracle` asks them again where they are installed.

use camino::Utf8PathBuf;

use super::{ModuleKind, Resolver};
use crate::interpreter::{
    Barrier, Finder, FinderTarget, Implementation, Interpreter, Loaded, Namespace, Precedence, Reach, UserSite, Version,
};
use crate::origin::{Evidence, ImportRoot, Origin};
use crate::system::memory::MemorySystem;

mod hooks;
mod pypy;

pub(crate) fn root(path: &str, origin: Origin) -> ImportRoot {
    ImportRoot { path: path.into(), origin, exists: true, same_as: None, evidence: Evidence::BuiltIn }
}

/// An interpreter with the standard library in `/std`, a zip, and two site directories, `/one` and `/two`.
pub(crate) fn python(minor: u8) -> Interpreter {
    let version = Version { major: 3, minor, micro: None, suffix: String::new(), free_threaded: false };
    let frozen: &[&str] = if minor >= 11 {
        &["os", "os.path", "posixpath", "__phello__", "__phello__.spam", "importlib.util", "site"]
    } else {
        &[]
    };
    Interpreter {
        executable: "/usr/bin/python3".into(),
        real_executable: "/usr/bin/python3".into(),
        version,
        platform: crate::system::Platform::Linux,
        relaxes_case: false,
        implementation: Implementation::CPython,
        prefix: "/usr".into(),
        exec_prefix: "/usr".into(),
        base_prefix: "/usr".into(),
        base_exec_prefix: "/usr".into(),
        stdlib: "/std".into(),
        abi: None,
        pyvenv: None,
        externally_managed: None,
        system: false,
        builtin_modules: ["sys", "builtins", "math", "time"].iter().map(|&name| name.to_owned()).collect(),
        frozen_modules: frozen.iter().map(|&name| name.to_owned()).collect(),
        extension_suffixes: [".cpython-311-x86_64-linux-gnu.so", ".abi3.so", ".so"].map(str::to_owned).to_vec(),
        search_path: vec![
            root("/std", Origin::StandardLibrary),
            root("/one", Origin::SitePackages),
            root("/two", Origin::SitePackages),
        ],
        is_debians: false,
        tells_built_in: true,
        relative_roots: Vec::new(),
        user_site: UserSite { path: None, enabled: false },
        real_prefix: None,
        safe_path: false,
        loaded: Vec::new(),
        finders: Vec::new(),
        namespaces: Vec::new(),
        distutils_is_setuptools: false,
        dead_lines: Vec::new(),
        startup_code: Vec::new(),
        barrier: None,
        lacks_site: false,
        does_not_start: None,
    }
}

fn tree(files: &[&str]) -> MemorySystem {
    let mut system = MemorySystem::default();
    for directory in ["/std", "/one", "/two", "/proj"] {
        system.create_directory(directory);
    }
    for file in files {
        match file.split_once(" -> ") {
            Some((link, target)) => system.link(link, target),
            None if file.ends_with('/') => system.create_directory(file.trim_end_matches('/')),
            None => system.write(file, ""),
        };
    }
    system
}

/// Writes a resolution as `KIND PATH` or `namespace PORTION PORTION`, with the word for its origin.
fn answer(system: &MemorySystem, interpreter: &Interpreter, first_party: &[ImportRoot], name: &str) -> String {
    let found = Resolver::new(system, interpreter, first_party).resolve(name);
    let mut words = vec![found.kind.as_str().to_owned()];
    words.extend(found.path.map(Utf8PathBuf::into_string));
    if found.kind == ModuleKind::Namespace {
        words.extend(found.locations.into_iter().flatten().map(Utf8PathBuf::into_string));
    }
    words.join(" ")
}

#[test]
fn one_directory() {
    let rows: &[(&[&str], &str)] = &[
        (&["/one/p/__init__.py", "/one/p.py", "/one/p.so"], "package /one/p/__init__.py"),
        (&["/one/p/__init__.so", "/one/p/__init__.py"], "package /one/p/__init__.so"),
        (&["/one/p/__init__.pyc"], "package /one/p/__init__.pyc"),
        (&["/one/p.py", "/one/p.so"], "extension /one/p.so"),
        (&["/one/p.abi3.so", "/one/p.so"], "extension /one/p.abi3.so"),
        (
            &["/one/p.cpython-311-x86_64-linux-gnu.so", "/one/p.abi3.so"],
            "extension /one/p.cpython-311-x86_64-linux-gnu.so",
        ),
        (&["/one/p.cpython-313-x86_64-linux-gnu.so"], "unresolved"),
        (&["/one/p.py", "/one/p.pyc"], "source /one/p.py"),
        (&["/one/p.pyc"], "bytecode /one/p.pyc"),
        (&["/one/p/x.txt", "/one/p.py"], "source /one/p.py"),
        (&["/one/p/"], "namespace /one/p"),
        (&["/one/p/__init__.py/"], "namespace /one/p"),
        (&["/one/p/__pycache__/__init__.cpython-311.pyc"], "namespace /one/p"),
        (&["/one/p.py/"], "unresolved"),
        (&["/one/p.py -> /nowhere"], "unresolved"),
        (&["/one/p.py -> /else/q.py", "/else/q.py"], "source /one/p.py"),
        (&["/one/p -> /else/q", "/else/q/__init__.py"], "package /one/p/__init__.py"),
        (&["/one/P.py"], "unresolved"),
        (&["/one/p.pyw", "/one/p.pyi"], "unresolved"),
        (&["/one/__pycache__/p.cpython-311.pyc"], "unresolved"),
        (&["/one/p"], "unresolved"),
    ];
    for (files, expected) in rows {
        assert_eq!(answer(&tree(files), &python(11), &[], "p"), *expected, "{files:?}");
    }
}

#[test]
fn across_entries() {
    let rows: &[(&[&str], &str, &str)] = &[
        (&["/one/q/", "/two/q.py"], "q", "source /two/q.py"),
        (&["/one/q/", "/two/q/"], "q", "namespace /one/q /two/q"),
        (&["/one/q/a.py", "/two/q/b.py"], "q.b", "source /two/q/b.py"),
        (&["/one/q/n/a.py", "/two/q/n/b.py"], "q.n", "namespace /one/q/n /two/q/n"),
        (&["/one/q/__init__.py", "/two/q/b.py"], "q.b", "unresolved"),
        (&["/one/q.py", "/two/q/b.py"], "q.b", "unresolved"),
        (&["/std/enum.py", "/one/enum.py"], "enum", "source /std/enum.py"),
        (&["/proj/enum.py", "/std/enum.py"], "enum", "source /proj/enum.py"),
        (&["/proj/p/", "/one/p/__init__.py"], "p", "package /one/p/__init__.py"),
    ];
    let first_party = [root("/proj", Origin::Project)];
    for (files, name, expected) in rows {
        assert_eq!(answer(&tree(files), &python(11), &first_party, name), *expected, "{files:?}");
    }
}

#[test]
fn what_no_file_replaces() {
    let files = ["math", "os", "site", "time", "codecs", "ntpath", "random"].map(|name| format!("/proj/{name}.py"));
    let library = ["os", "site", "codecs", "ntpath", "random", "posixpath"].map(|name| format!("/std/{name}.py"));
    let names: Vec<&str> = files.iter().chain(&library).map(String::as_str).collect();
    let first_party = [root("/proj", Origin::Project)];
    let rows = [
        (11, "math", "builtin"),
        (11, "os", "frozen"),
        (11, "os.path", "frozen"),
        (10, "os", "source /std/os.py"),
        (10, "os.path", "source /std/posixpath.py"),
        (10, "site", "source /std/site.py"),
        (11, "codecs", "source /std/codecs.py"),
        (10, "ntpath", "source /proj/ntpath.py"),
        (11, "random", "source /proj/random.py"),
        (11, "__phello__", "frozen"),
        (10, "zipimport", "frozen"),
        (11, "", "unresolved"),
        (11, "os..path", "unresolved"),
    ];
    for (minor, name, expected) in rows {
        assert_eq!(answer(&tree(&names), &python(minor), &first_party, name), expected, "{name} on 3.{minor}");
    }
    let system = tree(&names);
    let later = |name: &str| Resolver::new(&system, &python(11), &first_party).resolve_all(name).1;
    assert_eq!(later("random").len(), 1);
    assert_eq!(later("random").first().and_then(|it| it.origin), Some(Origin::StandardLibrary));
    assert_eq!(later("os").iter().map(|it| it.origin).collect::<Vec<_>>(), [Some(Origin::Project)]);
}

#[test]
fn frozen_packages_point_into_the_library() {
    let locations = |minor| Resolver::new(&tree(&[]), &python(minor), &[]).resolve("__phello__").locations;
    assert_eq!(locations(11), Some(vec!["/std/__phello__".into()]));
    assert_eq!(locations(10), Some(Vec::new()));
    assert_eq!(Resolver::new(&tree(&[]), &python(11), &[]).resolve("os").locations, None);
}

#[test]
fn what_was_loaded_before_the_library_was_lost() {
    let mut system = MemorySystem::default();
    system.write("/far/lib/codecs.py", "").write("/far/lib/json/__init__.py", "").write("/one/codecs.py", "");
    system.create_directory("/far/bin").link("/near", "/far/bin");
    let mut interpreter = python(9);
    interpreter.stdlib = "/near/../lib".into();
    let library = ImportRoot { exists: false, ..root("/lib", Origin::StandardLibrary) };
    interpreter.search_path = vec![library, root("/one", Origin::SitePackages)];
    let path = |name| Resolver::new(&system, &interpreter, &[]).resolve(name).path;
    assert_eq!(path("codecs").as_deref(), Some("/near/../lib/codecs.py".into()));
    assert_eq!(path("json"), None);
}

#[test]
fn hooks_of_editable_installs() {
    let mut interpreter = python(11);
    let modules = vec![
        ("pkg".to_owned(), FinderTarget::Stem("/src/pkg".into())),
        ("mod".to_owned(), FinderTarget::Stem("/src/mod".into())),
        ("gone".to_owned(), FinderTarget::Stem("/src/gone".into())),
        ("space".to_owned(), FinderTarget::Namespace(vec!["/src/space".into()])),
    ];
    let path_file = Utf8PathBuf::from("/one/__editable__.pkg-1.pth");
    let placeholder = "__editable__.pkg-1.finder.__path_hook__";
    let finder = Finder {
        path_file,
        line: 1,
        precedence: Precedence::Last,
        reach: Reach::Children,
        placeholder: Some(placeholder.into()),
        modules,
    };
    interpreter.finders.push(finder.clone());
    let evidence = Evidence::line(&finder.path_file, 1);
    let placeholder = ImportRoot { evidence, ..root(placeholder, Origin::Editable) };
    interpreter.search_path.push(placeholder);
    let system =
        tree(&["/src/pkg/__init__.py", "/src/pkg/sub.py", "/src/mod.py", "/src/space/x.py", "/two/space/y.py"]);
    let rows = [
        ("pkg", "package /src/pkg/__init__.py"),
        ("pkg.sub", "source /src/pkg/sub.py"),
        ("mod", "source /src/mod.py"),
        ("gone", "unresolved"),
        ("space", "namespace /two/space /src/space"),
        ("space.x", "source /src/space/x.py"),
    ];
    for (name, expected) in rows {
        assert_eq!(answer(&system, &interpreter, &[], name), expected);
    }
    assert_eq!(Resolver::new(&system, &interpreter, &[]).resolve("pkg").origin, Some(Origin::Editable));

    let system = tree(&["/one/math.py", "/one/pkg.py", "/src/math.py", "/src/pkg.py"]);
    assert_eq!(answer(&system, &interpreter, &[], "pkg"), "source /one/pkg.py", "asked last");
    let modules = vec![("math".to_owned(), FinderTarget::File("/src/math.py".into()))];
    interpreter.finders.insert(0, Finder { precedence: Precedence::First, modules, ..finder });
    assert_eq!(answer(&system, &interpreter, &[], "math"), "source /src/math.py", "asked before what is built in");
}

#[test]
fn path_files_of_setuptools() {
    let mut system =
        tree(&["/one/setuptools/__init__.py", "/one/setuptools/_distutils/__init__.py", "/one/google/a.py"]);
    system.write("/one/setuptools/_distutils/core.py", "").write("/std/distutils/__init__.py", "");
    system.write("/two/google/b.py", "").write("/proj/google/__init__.py", "");
    let first_party = [root("/proj", Origin::Project)];
    let before = |name| answer(&system, &python(11), &first_party, name);
    assert_eq!(before("distutils"), "package /std/distutils/__init__.py");
    assert_eq!(before("google"), "package /proj/google/__init__.py");

    let made = |site: &str, name: &str, is_searched: bool| Namespace {
        name: name.to_owned(),
        site: site.into(),
        portion: format!("{site}/{}", name.replace('.', "/")).into(),
        is_searched,
    };
    let with = |namespaces: &[Namespace]| {
        let mut interpreter = python(11);
        (interpreter.namespaces, interpreter.distutils_is_setuptools) = (namespaces.to_vec(), true);
        interpreter
    };
    let one = with(&[made("/one", "google", true)]);
    let after = |name| answer(&system, &one, &first_party, name);
    assert_eq!(after("distutils"), "source /one/setuptools/_distutils/__init__.py");
    assert_eq!(after("distutils.core"), "source /one/setuptools/_distutils/core.py");
    assert_eq!(after("google"), "namespace /one/google", "the project's package is never imported");
    let mut without = system.clone();
    without.remove("/proj/google");
    assert_eq!(answer(&without, &one, &first_party, "google.b"), "source /two/google/b.py");
    let bare = with(&[made("/one", "google", false)]);
    assert_eq!(answer(&without, &bare, &first_party, "google"), "namespace /one/google", "a path that does not live");
    assert_eq!(answer(&without, &bare, &first_party, "google.b"), "unresolved");
    let twice = with(&[made("/one", "google", true), made("/two", "google", true)]);
    assert_eq!(answer(&system, &twice, &first_party, "google"), "namespace /one/google /two/google");
    assert_eq!(answer(&system, &twice, &first_party, "google.b"), "source /two/google/b.py");
    without.write("/one/google/deep/x.py", "").write("/std/google/deep/y.py", "");
    let nested = with(&[made("/one", "google", true), made("/one", "google.deep", true)]);
    let portions = "namespace /std/google/deep /one/google/deep";
    assert_eq!(answer(&without, &nested, &[], "google.deep"), portions, "in the order of what is around it");
}

#[test]
fn packages_that_extend_their_path() {
    let stanzas = [
        "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n",
        "try:\n    __import__('pkg_resources').declare_namespace(__name__)\nexcept ImportError:\n    pass\n",
    ];
    for stanza in stanzas {
        let mut system =
            tree(&["/std/pkg_resources.py", "/one/ns/a.py", "/two/ns/b.py", "/two/ns/c/x.py", "/one/ns/c/y.py"]);
        system.write("/one/ns/__init__.py", stanza).write("/two/ns/__init__.py", stanza);
        assert_eq!(answer(&system, &python(11), &[], "ns"), "package /one/ns/__init__.py");
        assert_eq!(answer(&system, &python(11), &[], "ns.a"), "source /one/ns/a.py");
        assert_eq!(answer(&system, &python(11), &[], "ns.b"), "source /two/ns/b.py");
        assert_eq!(answer(&system, &python(11), &[], "ns.c"), "namespace /one/ns/c /two/ns/c");
        system.write("/one/ns/__init__.py", "# extend_path(__path__, __name__)\n");
        assert_eq!(answer(&system, &python(11), &[], "ns.b"), "unresolved");
    }
}

#[test]
fn what_path_files_have_imported() {
    let mut interpreter = python(11);
    let loaded =
        |name: &str, root: &str| Loaded { name: name.to_owned(), root: root.into(), path: [root.into()].into() };
    interpreter.loaded = vec![loaded("random", "/std"), loaded("tool", "/two"), loaded("part", "/one")];
    let system = tree(&[
        "/proj/random.py",
        "/one/random.py",
        "/std/random.py",
        "/proj/tool.py",
        "/one/tool.py",
        "/two/tool.py",
        "/one/part/x.py",
        "/two/part.py",
    ]);
    interpreter.search_path.rotate_left(1);
    let first_party = [root("/proj", Origin::Project)];
    let answer = |name| answer(&system, &interpreter, &first_party, name);
    assert_eq!(answer("random"), "source /std/random.py");
    assert_eq!(answer("tool"), "source /two/tool.py");
    assert_eq!(answer("part"), "source /two/part.py");
    let resolver = Resolver::new(&system, &interpreter, &first_party);
    assert_eq!(resolver.resolve_all("random").1.len(), 2);
    assert_eq!(resolver.resolve_beside("random", "/proj".into()), None);
}

#[test]
fn what_code_at_start_may_have_imported() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let files: Vec<String> =
        ["/std", "/proj"].iter().flat_map(|it| names.map(|name| format!("{it}/{name}.py"))).collect();
    let mut system = tree(&files.iter().map(String::as_str).collect::<Vec<_>>());
    let mut interpreter = python(11);
    let of_site =
        |name: &str| Loaded { name: name.to_owned(), root: "/one".into(), path: ["/std".into(), "/one".into()].into() };
    interpreter.loaded = vec![of_site("hook"), of_site("sitecustomize")];
    let hook = "import a\nif x:\n    import b\nelif TYPE_CHECKING:\n    import c\n\
                try:\n    import ends\n    import d\nexcept ImportError:\n    import e\n\
                from tools import run as go\ngo()\n";
    let tools = "def run():\n    import f\ndef idle():\n    import g\n";
    system.write("/one/hook.py", hook).write("/one/tools.py", tools);
    system.write("/one/ends.py", "import h\nimport not_there\nimport i\n").write("/one/sitecustomize.py", "import j\n");
    let first_party = [root("/proj", Origin::Project)];
    let resolver = Resolver::new(&system, &interpreter, &first_party);
    for (name, expected) in [
        ("a", "/std/a.py"),
        ("b", "/proj/b.py or /std/b.py if `hook` has imported it at start"),
        ("c", "/proj/c.py"),
        ("d", "/proj/d.py"),
        ("e", "/std/e.py"),
        ("f", "/proj/f.py or /std/f.py if `tools` has imported it at start"),
        ("g", "/proj/g.py"),
        ("h", "/std/h.py"),
        ("i", "/proj/i.py"),
        ("j", "/std/j.py"),
    ] {
        let found = resolver.resolve(name);
        let twin = found.twin.map(|it| format!(" or {} {}", it.path, it.reason)).unwrap_or_default();
        assert_eq!(found.path.unwrap().into_string() + &twin, expected, "{name}");
    }
}

#[test]
fn lists_of_further_folders() {
    let mut system = tree(&["/a/of_a.py", "/b/of_b.py", "/c/of_c.py"]);
    let stanza = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n";
    system.write("/one/ns/__init__.py", stanza).write("/one/ns/deep/__init__.py", stanza);
    system.write("/two/ns.pkg", "# a list\n\n/a\n").write("/one/ns/ns.deep.pkg", "/b\n");
    system.write("/one/ns/deep.pkg", "/c\n");
    assert_eq!(answer(&system, &python(11), &[], "ns.of_a"), "source /a/of_a.py");
    assert_eq!(answer(&system, &python(11), &[], "ns.deep.of_b"), "source /b/of_b.py");
    assert_eq!(answer(&system, &python(11), &[], "ns.deep.of_c"), "unresolved", "it has another name");
}

#[test]
fn a_projects_root_on_the_search_path() {
    let mut interpreter = python(10);
    let evidence = Evidence::Variable("PYTHONPATH");
    interpreter.search_path.insert(0, ImportRoot { evidence, ..root("/proj", Origin::PythonPath) });
    let system =
        tree(&["/proj/stat.py", "/std/stat.py", "/proj/sitecustomize.py", "/std/sitecustomize.py", "/proj/a.py"]);
    let first_party = [root("/proj", Origin::Project)];
    for name in ["stat", "sitecustomize", "a"] {
        let resolver = Resolver::new(&system, &interpreter, &first_party);
        let found = resolver.resolve(name);
        assert_eq!(found.path, Some(format!("/proj/{name}.py").into()));
        assert_eq!(found.origin, Some(Origin::Project));
        assert_eq!(resolver.resolve_all(name).1.len(), usize::from(name != "a"), "{name}");
    }
    assert_eq!(answer(&system, &python(10), &first_party, "stat"), "source /std/stat.py");
}

#[test]
fn a_projects_root_around_an_environment() {
    let mut interpreter = python(11);
    interpreter.search_path.push(root("/proj/.venv/lib/site-packages", Origin::SitePackages));
    let system = tree(&["/proj/.venv/lib/site-packages/six.py", "/proj/own.py"]);
    let first_party = [root("/proj/.venv/lib/site-packages", Origin::Project), root("/proj", Origin::Project)];
    let origin = |name| Resolver::new(&system, &interpreter, &first_party).resolve(name).origin;
    assert_eq!(origin("six"), Some(Origin::SitePackages));
    assert_eq!(origin("own"), Some(Origin::Project));
}

/// Makes a zip archive of empty, stored files by hand: the reader is what is tested, and the crate writes none here.
fn archive(names: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut table = Vec::new();
    for name in names {
        let offset = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let length = u16::try_from(name.len()).unwrap().to_le_bytes();
        bytes.extend(b"PK\x03\x04\x14\0\0\0\0\0\0\0\x21\0\0\0\0\0\0\0\0\0\0\0\0\0");
        bytes.extend(length);
        bytes.extend([0, 0]);
        bytes.extend(name.bytes());
        table.extend(b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\x21\0\0\0\0\0\0\0\0\0\0\0\0\0");
        table.extend(length);
        table.extend([0; 12]);
        table.extend(offset);
        table.extend(name.bytes());
    }
    let count = u16::try_from(names.len()).unwrap().to_le_bytes();
    let start = u32::try_from(bytes.len()).unwrap().to_le_bytes();
    let size = u32::try_from(table.len()).unwrap().to_le_bytes();
    bytes.extend(table);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(count);
    bytes.extend(count);
    bytes.extend(size);
    bytes.extend(start);
    bytes.extend([0, 0]);
    bytes
}

#[test]
fn zip_archives() {
    let mut system = tree(&["/one/plain.py"]);
    let names = ["m.py", "m.pyc", "p/__init__.py", "p.py", "x.so", "d/", "d/f.txt", "i/f.txt", "sub/deep/__init__.py"];
    system.write("/lib/a.egg", archive(&names)).write("/lib/not.zip", "no archive");
    let rows = [
        (13, "m", "zip /lib/a.egg/m.py"),
        (13, "p", "zip /lib/a.egg/p/__init__.py"),
        (13, "x", "unresolved"),
        (13, "d", "namespace /lib/a.egg/d"),
        (13, "i", "unresolved"),
        (14, "i", "namespace /lib/a.egg/i"),
        (13, "deep", "zip /lib/a.egg/sub/deep/__init__.py"),
        (13, "plain", "source /one/plain.py"),
    ];
    for (minor, name, expected) in rows {
        let mut interpreter = python(minor);
        let archives = ["/lib/not.zip", "/lib/a.egg", "/lib/a.egg/sub", "/lib/gone.zip"];
        interpreter.search_path.splice(0..0, archives.map(|path| root(path, Origin::PathFile)));
        assert_eq!(answer(&system, &interpreter, &[], name), expected, "3.{minor}");
    }
    let mut interpreter = python(13);
    interpreter.search_path.insert(0, root("/lib/a.egg", Origin::PathFile));
    let package = Resolver::new(&system, &interpreter, &[]).resolve("p");
    assert_eq!(package.locations, Some(vec!["/lib/a.egg/p".into()]));
}

#[test]
fn nothing_is_found_behind_what_no_import_gets_past() {
    use ModuleKind::{BuiltIn, Namespace, Source, Unresolved};

    let system = tree(&["/std/json.py", "/one/own.py", "/one/space/a.py", "/two/json.py", "/two/late.py"]);
    let mut python = python(13);
    let kinds = |python: &Interpreter| {
        let resolver = Resolver::new(&system, python, &[]);
        ["json", "own", "space", "space.a", "late", "sys", "nothing"].map(|it| resolver.resolve(it).kind)
    };
    assert_eq!(kinds(&python), [Source, Source, Namespace, Source, Source, BuiltIn, Unresolved]);
    let barrier = Barrier { entry: "/two".into(), archive: "/two".into(), needs_struct: false };
    python.barrier = Some(barrier);
    // The portions of a namespace are looked for on all of the path.
    assert_eq!(kinds(&python), [Source, Source, Unresolved, Unresolved, Unresolved, BuiltIn, Unresolved]);
}
