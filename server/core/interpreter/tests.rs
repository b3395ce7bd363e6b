//! Whole start-ups on trees in memory: whose each entry is, and what Fedora, `lib64`, 3.14 and 3.15 do differently.
//!
//! **Invariant:** every tree is written out whole, so nothing of the machine that runs the test is in the answer.

mod barriers;
mod linked;
mod platforms;
mod start_files;
mod virtualenv;

use super::*;
use crate::origin::{Evidence, Origin};
use crate::system::memory::MemorySystem;

const BINARY: &str = "\u{7f}ELF";

/// A Python of that version in a prefix, with a virtual environment in `/p/.venv`.
fn world(short: &str, prefix: &str, configuration: &str) -> MemorySystem {
    let mut system = MemorySystem::default();
    system.write_executable(format!("{prefix}/bin/python{short}"), BINARY);
    system.link(format!("{prefix}/bin/python3"), format!("python{short}"));
    for name in ["os", "traceback"] {
        system.write(format!("{prefix}/lib/python{short}/{name}.py"), "");
    }
    system.create_directory(format!("{prefix}/lib/python{short}/site-packages"));
    system.link("/p/.venv/bin/python", format!("{prefix}/bin/python3"));
    system.write("/p/.venv/pyvenv.cfg", format!("home = {prefix}/bin\n{configuration}"));
    system.create_directory(format!("/p/.venv/lib/python{short}/site-packages"));
    system.set_variable("HOME", "/home/user");
    system
}

fn start(system: &MemorySystem, executable: &str) -> Interpreter {
    let (interpreter, problems) = interpret(system, executable.into(), Flags::default());
    assert!(problems.is_empty(), "{problems:?}");
    interpreter.unwrap()
}

#[test]
fn python_2_is_named_as_what_it_is() {
    let mut system = world("3.11", "/usr", "");
    system.write_executable("/usr/bin/python2.7", BINARY).link("/usr/bin/python2", "python2.7");
    // As virtualenv left it: a copy of the program, and the library beside it.
    system.write_executable("/p/old/bin/python", BINARY).write("/p/old/lib/python2.7/os.py", "");
    for executable in ["/usr/bin/python2.7", "/usr/bin/python2", "/p/old/bin/python"] {
        let (interpreter, problems) = interpret(&system, executable.into(), Flags::default());
        assert_eq!(interpreter, None, "{executable}");
        assert_eq!(problems[0].message, "is Python 2, which fromwhere does not read");
    }
    assert_eq!(start(&system, "/usr/bin/python3").version.short(), "3.11");
}

/// The entries after the standard library.
fn added(interpreter: &Interpreter) -> Vec<(&str, Origin)> {
    let roots = interpreter.search_path.iter().filter(|it| it.origin != Origin::StandardLibrary);
    roots.map(|it| (it.path.as_str(), it.origin)).collect()
}

#[test]
fn an_environment_of_debian_says_whose_each_root_is() {
    let mut system = world("3.11", "/usr", "include-system-site-packages = true\n");
    system
        .create_directory("/usr/lib/python3/dist-packages")
        .create_directory("/usr/local/lib/python3.11/dist-packages");
    system.create_directory("/home/user/.local/lib/python3.11/site-packages");
    system.write("/usr/lib/python3.11/EXTERNALLY-MANAGED", "[externally-managed]\nError=Use apt.\n");
    let interpreter = start(&system, "/p/.venv/bin/python");
    let expected = [
        ("/p/.venv/lib/python3.11/site-packages", Origin::SitePackages),
        ("/home/user/.local/lib/python3.11/site-packages", Origin::UserSite),
        ("/usr/lib/python3.11/site-packages", Origin::BaseSitePackages),
        ("/usr/local/lib/python3.11/dist-packages", Origin::LocalDistPackages),
        ("/usr/lib/python3/dist-packages", Origin::DistPackages),
    ];
    assert_eq!(added(&interpreter), expected);
    let dist = interpreter.search_path.last().unwrap();
    assert_eq!(dist.evidence, Evidence::line("/p/.venv/pyvenv.cfg".into(), 2));
    assert!(interpreter.system && interpreter.is_debians && interpreter.is_virtual());
    assert_eq!(interpreter.externally_managed.unwrap().message, "Use apt.");
    assert_eq!(interpreter.does_not_start, None);

    let of_system = start(&system, "/usr/bin/python3");
    let expected = [
        ("/home/user/.local/lib/python3.11/site-packages", Origin::UserSite),
        ("/usr/local/lib/python3.11/dist-packages", Origin::LocalDistPackages),
        ("/usr/lib/python3/dist-packages", Origin::DistPackages),
    ];
    assert_eq!(added(&of_system), expected);
    assert_eq!(of_system.search_path.last().unwrap().evidence, Evidence::BuiltIn);
    assert!(of_system.is_debians);

    system.write("/p/.venv/pyvenv.cfg", "include-system-site-packages = false\n");
    assert!(start(&system, "/p/.venv/bin/python").is_debians, "whatever it sees");
    system.remove("/usr/lib/python3/dist-packages");
    assert!(!start(&system, "/usr/bin/python3").is_debians, "another system's in `/usr`");
}

#[test]
fn a_missing_key_means_true_and_says_so() {
    let system = world("3.12", "/opt/py", "");
    let interpreter = start(&system, "/p/.venv/bin/python");
    let expected = [
        ("/p/.venv/lib/python3.12/site-packages", Origin::SitePackages),
        ("/opt/py/lib/python3.12/site-packages", Origin::BaseSitePackages),
    ];
    assert_eq!(added(&interpreter), expected);
    assert!(matches!(interpreter.search_path.last().unwrap().evidence, Evidence::Assumption(_)));
    assert!(!interpreter.system && !interpreter.is_debians);
}

#[test]
fn hand_added_roots_say_whose_they_are() {
    let mut system = world("3.11", "/usr", "include-system-site-packages = false\n");
    system.create_directory("/usr/lib/python3/dist-packages");
    system.write("/q/.venv/pyvenv.cfg", "").create_directory("/q/.venv/lib/python3.11/site-packages");
    system.create_directory("/p/src").create_directory("/p/tools").create_directory("/home/user/mine");
    let site = "/p/.venv/lib/python3.11/site-packages";
    system.write(format!("{site}/__editable__.mine-1.0.pth"), "/home/user/mine\n");
    system.write(format!("{site}/other.pth"), "# hello\n/q/.venv/lib/python3.11/site-packages\n/p/src\n");
    system.write(format!("{site}/project.pth"), "/p/tools\n");
    let direct = r#"{"url": "file:///p/tools", "dir_info": {"editable": true}}"#;
    system.write(format!("{site}/project-1.dist-info/direct_url.json"), direct);
    system.set_variable("PYTHONPATH", "/usr/lib/python3/dist-packages:/p/extra:/opt/x/lib/python3.9/site-packages");
    let interpreter = start(&system, "/p/.venv/bin/python");
    let expected = [
        ("/usr/lib/python3/dist-packages", Origin::DistPackages),
        ("/p/extra", Origin::PythonPath),
        ("/opt/x/lib/python3.9/site-packages", Origin::OtherEnvironment),
        (site, Origin::SitePackages),
        ("/home/user/mine", Origin::Editable),
        ("/q/.venv/lib/python3.11/site-packages", Origin::OtherEnvironment),
        ("/p/src", Origin::PathFile),
        ("/p/tools", Origin::Editable),
    ];
    assert_eq!(added(&interpreter), expected);
    let other = interpreter.search_path.iter().find(|it| it.path.starts_with("/q")).unwrap();
    assert_eq!(other.evidence, Evidence::line(&Utf8PathBuf::from(format!("{site}/other.pth")), 2));
    assert!(interpreter.search_path.iter().any(|it| it.path == "/p/extra" && !it.exists));
}

#[test]
fn fedora_looks_into_usr_local_while_the_user_site_is_on() {
    let mut system = MemorySystem::default();
    system.write_executable("/usr/bin/python3.13", BINARY).write("/usr/lib64/python3.13/os.py", "");
    system.write(
        "/usr/lib64/python3.13/site.py",
        "def main():\n    'RPM_BUILD_ROOT' sys.prefix = sys.exec_prefix = site_prefix",
    );
    for directory in ["/usr/lib64", "/usr/lib", "/usr/local/lib64", "/usr/local/lib"] {
        system.create_directory(format!("{directory}/python3.13/site-packages"));
    }
    let paths = |system: &MemorySystem| -> Vec<String> {
        added(&start(system, "/usr/bin/python3.13")).iter().map(|(path, _)| (*path).to_owned()).collect()
    };
    let local = ["/usr/local/lib64/python3.13/site-packages", "/usr/local/lib/python3.13/site-packages"];
    let own = ["/usr/lib64/python3.13/site-packages", "/usr/lib/python3.13/site-packages"];
    assert_eq!(paths(&system), [local, own].concat());
    system.set_variable("PYTHONNOUSERSITE", "1");
    assert_eq!(paths(&system), own);
}

#[test]
fn from_3_15_on_paths_come_before_code() {
    for (short, expected) in [("3.14", "/w/B /w/A /w/B"), ("3.15", "/w/A /w/B")] {
        let mut system = world(short, "/opt/py", "include-system-site-packages = false\n");
        system.create_directory("/w/A").create_directory("/w/B");
        let site = format!("/p/.venv/lib/python{short}/site-packages");
        system.write(format!("{site}/x.pth"), "import sys; sys.path.append('/w/B')\n/w/A\n");
        let interpreter = start(&system, "/p/.venv/bin/python");
        let found: Vec<_> = added(&interpreter).iter().skip(1).map(|(path, _)| *path).collect();
        assert_eq!(found.join(" "), expected, "{short}");
        assert_eq!(interpreter.prefix, "/p/.venv");
    }
}

#[test]
fn a_debug_build_takes_from_files_what_others_have_frozen() {
    let mut system = world("3.14", "/opt/py", "");
    system.write("/opt/py/lib/python3.14/_sysconfigdata_d_linux_x86_64-linux-gnu.py", "");
    let interpreter = start(&system, "/opt/py/bin/python3.14");
    assert!(!interpreter.frozen_modules.contains("os") && interpreter.frozen_modules.contains("zipimport"));
    assert_eq!(interpreter.abi.as_deref(), Some("cpython-314d-x86_64-linux-gnu"));
    // Beside an ordinary build's file, only the binary can tell, and this one tells nothing.
    system.write("/opt/py/lib/python3.14/_sysconfigdata__linux_x86_64-linux-gnu.py", "");
    assert!(start(&system, "/opt/py/bin/python3.14").frozen_modules.contains("os"));
}

#[test]
fn a_zero_byte_ends_the_file_up_to_3_7() {
    for (short, expected) in [("3.7", "/w/A"), ("3.8", "/w/A /w/B"), ("3.15", "/w/A /w/B")] {
        let mut system = world(short, "/opt/py", "include-system-site-packages = false\n");
        system.create_directory("/w/A").create_directory("/w/B");
        system.write(format!("/p/.venv/lib/python{short}/site-packages/x.pth"), "/w/A\n/w/A\0\n/w/B\n");
        let interpreter = start(&system, "/p/.venv/bin/python");
        let found: Vec<_> = added(&interpreter).iter().skip(1).map(|(path, _)| *path).collect();
        assert_eq!(found.join(" "), expected, "{short}");
    }
}

#[test]
fn a_path_file_beside_the_binary_does_not_overrule_the_switch_for_the_user_site() {
    for (short, variable, enabled) in
        [("3.14", None, true), ("3.14", Some("0"), true), ("3.14", Some("1"), false), ("3.15", None, false)]
    {
        let mut system = world(short, "/opt/py", "");
        system.write(format!("/opt/py/bin/python{short}._pth"), format!("/opt/py/lib/python{short}\nimport site\n"));
        system.write(format!("/opt/py/lib/python{short}/encodings/__init__.py"), "");
        if let Some(value) = variable {
            system.set_variable("PYTHONNOUSERSITE", value);
        }
        let interpreter = start(&system, &format!("/opt/py/bin/python{short}"));
        assert_eq!(interpreter.user_site.enabled, enabled, "{short} {variable:?}");
    }
}

#[test]
fn code_that_is_not_understood_is_noted_once() {
    let mut system = world("3.12", "/opt/py", "include-system-site-packages = false\n");
    let site = "/p/.venv/lib/python3.12/site-packages";
    system.write(format!("{site}/egress.pth"), "# why\nimport os;exec('x = 1')\n");
    system.write(format!("{site}/distutils-precedence.pth"), DISTUTILS);
    system.write(format!("{site}/g-nspkg.pth"), SPACE).write(format!("{site}/google/x.py"), "");
    system.write(format!("{site}/sitecustomize.py"), "import os\nos.environ.setdefault('A', 'b')\n");
    let interpreter = start(&system, "/p/.venv/bin/python");
    let expected = [
        StartupCode { path: format!("{site}/egress.pth").into(), line: Some(2) },
        StartupCode { path: format!("{site}/sitecustomize.py").into(), line: None },
    ];
    assert_eq!(interpreter.startup_code, expected);
    let made: Vec<_> = interpreter.namespaces.iter().map(|it| it.portion.as_str()).collect();
    assert_eq!(made, [format!("{site}/google")]);
}

#[test]
fn a_customization_that_is_written_out_is_followed() {
    let site = "/p/.venv/lib/python3.12/site-packages";
    let paths = |source: &str| {
        let mut system = world("3.12", "/opt/py", "include-system-site-packages = false\n");
        system.write(format!("{site}/sitecustomize.py"), source);
        let interpreter = start(&system, "/p/.venv/bin/python");
        let roots = interpreter.search_path.iter();
        let added = roots.filter(|root| !root.path.starts_with("/opt") && root.path != site);
        let added = added.map(|root| format!("{} {:?}", root.path, root.evidence)).collect::<Vec<_>>().join(" ");
        (added.replace(site, "SITE"), interpreter.startup_code.len())
    };
    let line = "Line { path: \"SITE/sitecustomize.py\", line: 3 }";
    let words = "\"\"\"Where ours lie.\"\"\"\nimport sys\n";
    assert_eq!(paths(""), (String::new(), 0));
    assert_eq!(paths(&format!("{words}sys.path.insert(0, '/ours')\n")), (format!("/ours {line}"), 0));
    let failing = format!("{words}sys.path.append('/ours')\nimport nope\nsys.path.append('/lost')\n");
    assert_eq!(paths(&failing), (format!("/ours {line}"), 0), "what went before stays");
    assert_eq!(paths(&format!("{words}sys.path.append('/ours')\nrun()\n")), (String::new(), 1));
}

/// What `distutils-precedence.pth` has in it.
const DISTUTILS: &str = "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; \
                         enabled and __import__('_distutils_hack').add_shim(); ";
/// What `google-nspkg.pth` has in it, as far as it is read.
const SPACE: &str = "import sys, types, os;p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('google',));\
                     importlib = __import__('importlib.util');importlib.machinery.PathFinder.find_spec(\
                     'google', [os.path.dirname(p)]);(p not in mp) and mp.append(p)\n";

#[test]
fn what_lines_of_path_files_make_is_noted_where_they_are_run() {
    let hack = "class DistutilsMetaFinder: ...\ndef add_shim(): ...\n";
    let site = "/p/.venv/lib/python3.12/site-packages";
    let noted = |change: &dyn Fn(&mut MemorySystem)| {
        let mut system = world("3.12", "/opt/py", "include-system-site-packages = false\n");
        system.write(format!("{site}/_distutils_hack/__init__.py"), hack).write(format!("{site}/google/x.py"), "");
        system.write(format!("{site}/distutils-precedence.pth"), DISTUTILS).write(format!("{site}/g-nspkg.pth"), SPACE);
        change(&mut system);
        let interpreter = start(&system, "/p/.venv/bin/python");
        (interpreter.distutils_is_setuptools, interpreter.namespaces.len())
    };
    assert_eq!(noted(&|_| {}), (true, 1));
    assert_eq!(
        noted(&|it| {
            it.set_variable("SETUPTOOLS_USE_DISTUTILS", "stdlib");
        }),
        (false, 1)
    );
    assert_eq!(
        noted(&|it| {
            it.remove(format!("{site}/_distutils_hack"));
        }),
        (false, 1)
    );
    assert_eq!(
        noted(&|it| {
            it.write(format!("{site}/_distutils_hack/__init__.py"), "");
        }),
        (false, 1)
    );
    assert_eq!(
        noted(&|it| {
            it.write(format!("{site}/distutils-precedence.pth"), "");
        }),
        (false, 1)
    );
    assert_eq!(
        noted(&|it| {
            it.write(format!("{site}/distutils-precedence.pth"), format!("# {DISTUTILS}"));
        }),
        (false, 1)
    );
    assert_eq!(
        noted(&|it| {
            it.remove(format!("{site}/google"));
        }),
        (true, 0)
    );
    assert_eq!(
        noted(&|it| {
            it.write(format!("{site}/g-nspkg.pth"), format!("import nope_nope\n{SPACE}"));
        }),
        (true, 0)
    );
    let elsewhere = |it: &mut MemorySystem| {
        for name in ["distutils-precedence.pth", "g-nspkg.pth"] {
            it.remove(format!("{site}/{name}"));
        }
        it.write("/else/distutils-precedence.pth", DISTUTILS).write("/else/google/x.py", "");
        it.write("/else/g-nspkg.pth", SPACE).write(format!("{site}/a.pth"), "import site; site.addsitedir('/else')\n");
    };
    assert_eq!(noted(&elsewhere), (true, 1));
}

#[test]
fn what_path_files_import_is_noted_where_it_was_found() {
    let mut system = world("3.12", "/opt/py", "include-system-site-packages = false\n");
    let (site, library) = ("/p/.venv/lib/python3.12/site-packages", "/opt/py/lib/python3.12");
    for name in ["random", "types", "importlib/__init__"] {
        system.write(format!("{library}/{name}.py"), "").write(format!("/front/{name}.py"), "");
    }
    system.write(format!("{site}/tool.py"), "");
    system.write(format!("{site}/a.pth"), "import os, sys, random; import tool\nimport nowhere\nimport types\n");
    system.write(format!("{site}/b-nspkg.pth"), SPACE);
    system.write(format!("{site}/c.pth"), "import sys; sys.path.insert(0, '/front')\nimport random\n");
    let noted: Vec<(String, String)> =
        start(&system, "/p/.venv/bin/python").loaded.into_iter().map(|it| (it.name, it.root.into_string())).collect();
    let of = |name: &str, root: &str| (name.to_owned(), root.to_owned());
    let before = [("random", library), ("tool", site), ("traceback", library), ("types", library)];
    let mut expected = before.map(|(name, root)| of(name, root)).to_vec();
    expected.extend(["importlib", "importlib.util", "importlib.machinery"].map(|name| of(name, library)));
    // Whether `sys` is compiled in, a binary without tables does not tell.
    assert_eq!(noted.into_iter().filter(|(name, _)| name != "sys").collect::<Vec<_>>(), expected);
}

#[test]
fn a_switch_for_frozen_modules_that_is_no_switch_ends_the_start() {
    let starts = |short: &str, value: &str, flags: Flags| {
        let mut system = world(short, "/opt/py", "");
        system.write(format!("/opt/py/lib/python{short}/encodings/__init__.py"), "");
        system.set_variable("PYTHON_FROZEN_MODULES", value);
        let (interpreter, _) = interpret(&system, "/opt/py/bin/python3".into(), flags);
        let interpreter = interpreter.unwrap();
        (interpreter.does_not_start.is_none(), interpreter.frozen_modules.contains("os"))
    };
    let said = |word| Flags { frozen_modules: Some(FrozenModules::said(word)), ..Flags::default() };
    let ignoring = Flags { ignore_environment: true, ..Flags::default() };
    for (short, value, flags, expected) in [
        ("3.13", "off", Flags::default(), (true, false)),
        ("3.13", "on", Flags::default(), (true, true)),
        ("3.13", "", Flags::default(), (true, true)),
        ("3.13", "OFF", Flags::default(), (false, true)),
        ("3.13", "off", ignoring, (true, true)),
        ("3.13", "off", said("on"), (true, true)),
        ("3.12", "off", Flags::default(), (true, true)),
        ("3.12", "x", said("off"), (true, false)),
        ("3.12", "", said("x"), (false, true)),
        ("3.10", "x", said("x"), (true, false)),
    ] {
        assert_eq!(starts(short, value, flags), expected, "{short} {value:?} {flags:?}");
    }
}

#[test]
fn a_hook_that_cannot_be_imported_is_none() {
    let mut system = world("3.12", "/opt/py", "include-system-site-packages = false\n");
    let site = "/p/.venv/lib/python3.12/site-packages";
    let hook = "from editables.redirector import RedirectingFinder as F\nF.install()\nF.map_module('x', '/src/x.py')\n";
    system.write(format!("{site}/_editable_impl_x.py"), hook);
    system.write(format!("{site}/_editable_impl_x.pth"), "import _editable_impl_x\n/opt\n");
    let interpreter = start(&system, "/p/.venv/bin/python");
    assert!(interpreter.finders.is_empty() && interpreter.startup_code.is_empty());
    assert!(interpreter.search_path.iter().all(|root| root.path != "/opt"), "the line fails, and with it the file");
    system.write(format!("{site}/editables/redirector.py"), "");
    let interpreter = start(&system, "/p/.venv/bin/python");
    assert_eq!(interpreter.finders.len(), 1);
    assert!(interpreter.search_path.iter().any(|root| root.path == "/opt"));
}

#[test]
fn what_keeps_it_from_starting_is_said() {
    let mut system = world("3.12", "/opt/py", "include-system-site-packages = false\n");
    let site = "/p/.venv/lib/python3.12/site-packages";
    system.write(format!("{site}/x.pth"), b"\xe9\n".to_vec());
    assert!(start(&system, "/p/.venv/bin/python").does_not_start.unwrap().contains("x.pth"));
    system.remove(format!("{site}/x.pth")).write("/p/.venv/pyvenv.cfg", b"# \xe9\n".to_vec());
    assert!(start(&system, "/p/.venv/bin/python").does_not_start.unwrap().contains("pyvenv.cfg"));
    let mut system = world("3.12", "/opt/py", "");
    system.remove("/opt/py/lib");
    // Such as a wrapper of Nix.
    assert!(start(&system, "/opt/py/bin/python3").does_not_start.unwrap().contains("holds no Python"));
}

#[test]
fn what_is_no_interpreter_is_said() {
    let mut system = MemorySystem::default();
    system.write_executable("/shims/python", "#!/usr/bin/env bash\n").write_executable("/x/python", "MZ");
    system.link("/gone/python", "/nowhere").pipe("/pipe/python");
    for path in ["/shims/python", "/x/python", "/gone/python", "/pipe/python", "/absent"] {
        let (interpreter, problems) = interpret(&system, path.into(), Flags::default());
        assert!(interpreter.is_none() && problems.len() == 1, "{path}: {problems:?}");
    }
}

#[test]
fn a_binary_that_lies_is_still_an_interpreter() {
    // Headers that point past the end, in every place where they could.
    let mut header = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0".to_vec();
    for fill in [0_u8, 1, 0x7f, 0xff] {
        header.truncate(24);
        header.resize(4096, fill);
        let mut system = world("3.11", "/opt/py", "");
        system.write_executable("/opt/py/bin/python3.11", header.clone());
        let interpreter = start(&system, "/p/.venv/bin/python");
        assert_eq!(interpreter.version.short(), "3.11");
        assert!(interpreter.builtin_modules.contains("sys") && interpreter.frozen_modules.contains("os"));
    }
}

#[test]
fn code_at_start_is_named_wherever_it_is_imported_from() {
    let site = "/p/.venv/lib/python3.12/site-packages";
    let named = |write: &dyn Fn(&mut MemorySystem)| -> Vec<String> {
        let mut system = world("3.12", "/opt/py", "");
        write(&mut system);
        start(&system, "/p/.venv/bin/python").startup_code.into_iter().map(|it| it.path.into_string()).collect()
    };
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["sitecustomize.py", "usercustomize/__init__.pyc"] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    }
    let archive = archive.finish().unwrap().into_inner();
    let bytecode = named(&|it| {
        it.write(format!("{site}/sitecustomize.pyc"), "");
    });
    assert_eq!(bytecode, [format!("{site}/sitecustomize.pyc")]);
    let in_archive = named(&|it| {
        it.write("/lib/a.zip", archive.clone()).set_variable("PYTHONPATH", "/lib/a.zip");
    });
    assert_eq!(in_archive, ["/lib/a.zip/sitecustomize.py", "/lib/a.zip/usercustomize/__init__.pyc"]);
    let folder = named(&|it| {
        it.write(format!("{site}/sitecustomize/x.py"), "");
    });
    assert!(folder.is_empty(), "{folder:?}");
}

#[test]
fn what_would_end_site_ends_the_line_that_asks_for_it() {
    let mut system = world("3.11", "/opt/py", "include-system-site-packages = false\n");
    let site = "/p/.venv/lib/python3.11/site-packages";
    system.write("/w/x.pth", b"\xff\n".to_vec()).create_directory("/one").create_directory("/two");
    system.write(format!("{site}/a.pth"), "import site; site.addsitedir('/w')\n/one\n");
    system.write(format!("{site}/b.pth"), "/two\n");
    let interpreter = start(&system, "/p/.venv/bin/python");
    assert_eq!(interpreter.does_not_start, None);
    assert_eq!(added(&interpreter).iter().map(|it| it.0).collect::<Vec<_>>(), [site, "/w", "/two"]);
}
