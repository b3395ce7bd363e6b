//! Whole interpreters on Windows and macOS, as their installers leave them.
//!
//! **Invariant:** what is expected is what people see of `sys.path` there, written out.

use super::*;
use crate::resolve::Resolver;
use crate::system::Platform;

const MACH_O: &[u8] = b"\xcf\xfa\xed\xfe";

/// A Python with its library beside it, in a directory, as python.org, conda and the embedded distribution leave it.
fn windows(directory: &str, digits: &str) -> MemorySystem {
    let mut system = MemorySystem::of(Platform::Windows);
    system.write_executable(format!(r"{directory}\python.exe"), "MZ");
    system.write(format!(r"{directory}\python{digits}.dll"), "MZ").write(format!(r"{directory}\python3.dll"), "MZ");
    for (name, text) in [("os.py", ""), (r"encodings\__init__.py", ""), (r"site-packages\six.py", "")] {
        system.write(format!(r"{directory}\Lib\{name}"), text);
    }
    system.create_directory(format!(r"{directory}\DLLs")).set_variable("APPDATA", r"C:\Users\u\AppData\Roaming");
    system
}

/// A virtual environment with a launcher in it.
fn environment(system: &mut MemorySystem, home: &str, configuration: &str) {
    system.write_executable(r"C:\app\.venv\Scripts\python.exe", "MZ");
    system.write(r"C:\app\.venv\pyvenv.cfg", format!("home = {home}\n{configuration}"));
    system.create_directory(r"C:\app\.venv\Lib\site-packages");
}

fn paths_of(interpreter: &Interpreter) -> Vec<&str> {
    interpreter.search_path.iter().map(|it| it.path.as_str()).collect()
}

#[test]
fn an_installation_of_python_org_on_windows() {
    let mut system = windows(r"C:\Py", "312");
    let user = r"C:\Users\u\AppData\Roaming\Python\Python312\site-packages";
    system.write(format!(r"{user}\mine.py"), "").write(r"C:\Py\Lib\site-packages\x.pth", "..\\x\nC:\\y\nc:\\PY\\lib\n");
    system.create_directory(r"C:\Py\Lib\x").create_directory(r"C:\y");
    let interpreter = start(&system, "C:/Py/python.exe");
    assert_eq!(interpreter.version.short(), "3.12");
    let user = user.replace('\\', "/");
    let expected = [
        ("C:/Py/python312.zip", Origin::StandardLibrary),
        ("C:/Py/DLLs", Origin::StandardLibrary),
        ("C:/Py/Lib", Origin::StandardLibrary),
        ("C:/Py", Origin::StandardLibrary),
        (&user, Origin::UserSite),
        ("C:/Py/Lib/site-packages", Origin::SitePackages),
        ("C:/Py/Lib/x", Origin::PathFile),
        ("C:/y", Origin::PathFile),
    ];
    let found: Vec<_> = interpreter.search_path.iter().map(|it| (it.path.as_str(), it.origin)).collect();
    assert_eq!(found, expected);
    assert_eq!(interpreter.extension_suffixes, [".cp312-win_amd64.pyd", ".pyd"]);
    assert_eq!((interpreter.prefix.as_str(), interpreter.stdlib.as_str()), ("C:/Py", "C:/Py/Lib"));
    assert!(interpreter.builtin_modules.contains("nt") && !interpreter.builtin_modules.contains("posix"));
    assert_eq!(interpreter.does_not_start, None);
    assert!(!interpreter.is_virtual());
}

#[test]
fn a_virtual_environment_on_windows() {
    for (digits, own) in [("312", "C:/app/.venv"), ("314", "C:/app/.venv")] {
        let mut system = windows(r"C:\Py", digits);
        environment(&mut system, r"C:\Py", "include-system-site-packages = false\n");
        let interpreter = start(&system, "C:/app/.venv/Scripts/python.exe");
        let zip = format!("C:/Py/python{digits}.zip");
        let expected = [&zip, "C:/Py/DLLs", "C:/Py/Lib", "C:/Py", "C:/app/.venv", "C:/app/.venv/Lib/site-packages"];
        assert_eq!(paths_of(&interpreter), expected);
        assert_eq!((interpreter.prefix.as_str(), interpreter.base_prefix.as_str()), (own, "C:/Py"));
        assert_eq!(interpreter.executable, "C:/app/.venv/Scripts/python.exe");
        assert_eq!(interpreter.real_executable, "C:/Py/python.exe");
        assert!(!interpreter.user_site.enabled && interpreter.is_virtual());
        assert_eq!(interpreter.search_path.last().unwrap().origin, Origin::SitePackages);

        environment(&mut system, r"C:\Py", "include-system-site-packages = true\n");
        let interpreter = start(&system, "C:/app/.venv/Scripts/python.exe");
        let last = interpreter.search_path.last().unwrap();
        assert_eq!((last.path.as_str(), last.origin), ("C:/Py/Lib/site-packages", Origin::BaseSitePackages));
    }
}

#[test]
fn a_python_of_the_store_is_behind_an_alias() {
    let mut system = windows(r"C:\Py", "313");
    let apps = r"C:\Users\u\AppData\Local\Microsoft\WindowsApps\PythonSoftwareFoundation.Python.3.13_qbz5n2kfra8p0";
    system.write_executable(format!(r"{apps}\python.exe"), "");
    environment(&mut system, apps, "");
    let (interpreter, problems) = interpret(&system, "C:/app/.venv/Scripts/python.exe".into(), Flags::default());
    assert_eq!(interpreter, None);
    assert!(problems[0].message.contains("an alias of the Microsoft Store"), "{problems:?}");
    // The package itself, started by its own name.
    let package = r"C:\Program Files\WindowsApps\PythonSoftwareFoundation.Python.3.13_3.13.2544.0_x64__qbz5n2kfra8p0";
    let mut system = windows(package, "313");
    system.write_executable(format!(r"{package}\python3.13.exe"), "MZ");
    let executable = format!("{package}/python3.13.exe").replace('\\', "/");
    assert_eq!(start(&system, &executable).prefix, package.replace('\\', "/"));
}

#[test]
fn the_embedded_distribution_imports_only_what_its_file_names() {
    let mut system = windows(r"C:\embed", "313");
    system.remove("C:/embed/Lib").remove("C:/embed/DLLs").write(r"C:\embed\encodings\__init__.py", "");
    system.write(r"C:\embed\python313._pth", "python313.zip\r\n.\r\n\r\n#import site\r\n");
    system.write(r"C:\embed\python313.zip", "PK").set_variable("PYTHONPATH", r"C:\ignored");
    let interpreter = start(&system, "C:/embed/python.exe");
    assert_eq!(paths_of(&interpreter), ["C:/embed/python313.zip", "C:/embed"]);
    assert_eq!(interpreter.search_path[0].evidence, Evidence::line("C:/embed/python313._pth".into(), 1));
    assert!(!interpreter.user_site.enabled);
}

#[test]
fn conda_is_a_prefix_of_its_own_on_every_platform() {
    let mut system = windows(r"C:\conda\envs\data", "311");
    system.write(r"C:\conda\envs\data\conda-meta\history", "");
    let interpreter = start(&system, "C:/conda/envs/data/python.exe");
    assert_eq!(interpreter.search_path.last().unwrap().path, "C:/conda/envs/data/Lib/site-packages");
    assert!(interpreter.user_site.enabled && !interpreter.is_virtual());

    let mut system = world("3.12", "/opt/conda/envs/data", "");
    system.write("/opt/conda/envs/data/conda-meta/history", "");
    system.create_directory("/home/user/.local/lib/python3.12/site-packages");
    let interpreter = start(&system, "/opt/conda/envs/data/bin/python3.12");
    let expected = [
        ("/home/user/.local/lib/python3.12/site-packages", Origin::UserSite),
        ("/opt/conda/envs/data/lib/python3.12/site-packages", Origin::SitePackages),
    ];
    assert_eq!(added(&interpreter), expected);
    assert_eq!((interpreter.pyvenv, interpreter.externally_managed), (None, None));
}

#[test]
fn modules_are_found_by_the_rules_of_the_platform() {
    let mut system = windows(r"C:\Py", "313");
    let site = r"C:\Py\Lib\site-packages";
    for file in ["tool.pyw", "both.py", "both.pyw", "fast.cp313-win_amd64.pyd", "old.cp312-win_amd64.pyd", "Upper.py"] {
        system.write(format!(r"{site}\{file}"), "");
    }
    system.write(format!(r"{site}\pack\__INIT__.py"), "");
    let found = |system: &MemorySystem, name: &str| {
        let interpreter = start(system, "C:/Py/python.exe");
        let path = Resolver::new(system, &interpreter, &[]).resolve(name).path;
        path.map(|it| it.as_str().rsplit('/').next().unwrap().to_owned())
    };
    for (name, file) in [
        ("tool", Some("tool.pyw")),
        ("both", Some("both.py")),
        ("fast", Some("fast.cp313-win_amd64.pyd")),
        ("old", None),
        ("upper", None),
        ("Upper", Some("Upper.py")),
        ("pack", Some("__init__.py")),
    ] {
        assert_eq!(found(&system, name).as_deref(), file, "{name}");
    }
    system.set_variable("PYTHONCASEOK", "1");
    assert_eq!(found(&system, "upper").as_deref(), Some("upper.py"));
    // On Linux the variable means nothing.
    let mut system = world("3.13", "/opt/py", "");
    system.write("/opt/py/lib/python3.13/site-packages/Upper.py", "").set_variable("PYTHONCASEOK", "1");
    let interpreter = start(&system, "/opt/py/bin/python3.13");
    assert!(!Resolver::new(&system, &interpreter, &[]).resolve("upper").is_resolved());
}

/// A framework build, as python.org's installer leaves it.
fn framework(version_directory: &str, short: &str) -> MemorySystem {
    let mut system = MemorySystem::of(Platform::MacOs);
    let name = version_directory.rsplit('/').nth(2).unwrap().trim_end_matches(".framework");
    system.write_executable(format!("{version_directory}/bin/python{short}"), MACH_O);
    system.link(format!("{version_directory}/bin/python3"), format!("python{short}"));
    system.write(format!("{version_directory}/{name}"), MACH_O);
    let library = format!("{version_directory}/lib/python{short}");
    system.write(format!("{library}/os.py"), "").write(format!("{library}/encodings/__init__.py"), "");
    system.create_directory(format!("{library}/lib-dynload")).create_directory(format!("{library}/site-packages"));
    system.set_variable("HOME", "/Users/u");
    system
}

#[test]
fn a_framework_of_python_org() {
    let version = "/Library/Frameworks/Python.framework/Versions/3.12";
    let mut system = framework(version, "3.12");
    system.link("/usr/local/bin/python3", format!("{version}/bin/python3.12"));
    system.create_directory("/Users/u/Library/Python/3.12/lib/python/site-packages");
    let expected = [
        format!("{version}/lib/python312.zip"),
        format!("{version}/lib/python3.12"),
        format!("{version}/lib/python3.12/lib-dynload"),
        "/Users/u/Library/Python/3.12/lib/python/site-packages".to_owned(),
        format!("{version}/lib/python3.12/site-packages"),
    ];
    for executable in ["/usr/local/bin/python3", &format!("{version}/bin/python3")] {
        let interpreter = start(&system, executable);
        assert_eq!(paths_of(&interpreter), expected, "{executable}");
        assert_eq!((interpreter.executable.as_str(), interpreter.prefix.as_str()), (executable, version));
        assert_eq!(interpreter.extension_suffixes, [".cpython-312-darwin.so", ".abi3.so", ".so"]);
    }
    system.link("/p/.venv/bin/python3", "/usr/local/bin/python3").link("/p/.venv/bin/python", "python3");
    system.write("/p/.venv/pyvenv.cfg", "home = /usr/local/bin\ninclude-system-site-packages = false\n");
    system.create_directory("/p/.venv/lib/python3.12/site-packages");
    let interpreter = start(&system, "/p/.venv/bin/python");
    assert_eq!((interpreter.prefix.as_str(), interpreter.base_prefix.as_str()), ("/p/.venv", version));
    assert_eq!(paths_of(&interpreter)[3..], ["/p/.venv/lib/python3.12/site-packages"]);
}

#[test]
fn apples_own_python_shares_a_directory() {
    let version = "/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions/3.9";
    let mut system = framework(version, "3.9");
    system.write(
        format!("{version}/lib/python3.9/site.py"),
        "def main():\n    sys.prefix = sys.exec_prefix = site_prefix\n    sitepackages.append(\"/Library/Python\")\n",
    );
    system.create_directory("/Library/Python/3.9/site-packages");
    let interpreter = start(&system, &format!("{version}/bin/python3"));
    let expected = [format!("{version}/lib/python3.9/site-packages"), "/Library/Python/3.9/site-packages".to_owned()];
    assert_eq!(paths_of(&interpreter)[3..], expected);
    assert_eq!(interpreter.base_prefix, version);
    assert!(interpreter.system);
}

/// The file as the formula of `python@3.13` writes it; only what is read of it is here.
const HOMEBREW: &str = "\
# This file is created by Homebrew and is executed on each python startup.
if os.path.realpath(sys.executable).startswith('/opt/homebrew/Cellar/python@3.13'):
    library_site = '/Library/Python/3.13/site-packages'
    long_prefix = re.compile(r'/opt/homebrew/Cellar/python@3.13/[0-9\\._abrc]+/Frameworks/Python\\.framework/Versions/3.13/lib/python3.13/site-packages')
    sys.path = [long_prefix.sub('/opt/homebrew/lib/python3.13/site-packages', p) for p in sys.path]
        sys.executable = sys._base_executable = '/opt/homebrew/opt/python@3.13/bin/python3.13'
    cellar_prefix = re.compile(r'/opt/homebrew/Cellar/python@3.13/[0-9\\._abrc]+/')
        new_prefix = cellar_prefix.sub('/opt/homebrew/opt/python@3.13/', sys.base_prefix)
    site.PREFIXES.insert(site.PREFIXES.index(sys.base_prefix), '/opt/homebrew')
    site.addsitedir('/opt/homebrew/lib/python3.13/site-packages')
    split_prefix = f\"/opt/homebrew/opt/python-{split_module}@3.13/libexec\"
";

#[test]
fn homebrew_shows_its_public_places() {
    let cellar = "/opt/homebrew/Cellar/python@3.13/3.13.2";
    let version = format!("{cellar}/Frameworks/Python.framework/Versions/3.13");
    let mut system = framework(&version, "3.13");
    let site = "/opt/homebrew/lib/python3.13/site-packages";
    system.write(format!("{version}/lib/python3.13/sitecustomize.py"), HOMEBREW);
    system.remove(format!("{version}/lib/python3.13/site-packages"));
    system.write(format!("{site}/six.py"), "").link(format!("{version}/lib/python3.13/site-packages"), site);
    system.link("/opt/homebrew/opt/python@3.13", "../Cellar/python@3.13/3.13.2");
    system.link(format!("{cellar}/bin/python3.13"), "../Frameworks/Python.framework/Versions/3.13/bin/python3.13");
    system.link("/opt/homebrew/bin/python3.13", "../Cellar/python@3.13/3.13.2/bin/python3.13");
    system.create_directory("/opt/homebrew/opt/python-tk@3.13/libexec");

    let interpreter = start(&system, "/opt/homebrew/bin/python3.13");
    let expected = [
        format!("{version}/lib/python313.zip"),
        format!("{version}/lib/python3.13"),
        format!("{version}/lib/python3.13/lib-dynload"),
        site.to_owned(),
        "/opt/homebrew/opt/python-tk@3.13/libexec".to_owned(),
    ];
    assert_eq!(paths_of(&interpreter), expected);
    let public = "/opt/homebrew/opt/python@3.13/Frameworks/Python.framework/Versions/3.13";
    assert_eq!((interpreter.prefix.as_str(), interpreter.base_prefix.as_str()), (public, public));
    assert_eq!(interpreter.executable, "/opt/homebrew/opt/python@3.13/bin/python3.13");
    assert_eq!(interpreter.startup_code, []);

    system.link("/p/.venv/bin/python", "/opt/homebrew/opt/python@3.13/bin/python3.13");
    system.create_directory("/p/.venv/lib/python3.13/site-packages");
    for (shared, last) in
        [(false, "/opt/homebrew/opt/python-tk@3.13/libexec"), (true, "/opt/homebrew/opt/python-tk@3.13/libexec")]
    {
        let home = "home = /opt/homebrew/opt/python@3.13/bin";
        system.write("/p/.venv/pyvenv.cfg", format!("{home}\ninclude-system-site-packages = {shared}\n"));
        let interpreter = start(&system, "/p/.venv/bin/python");
        let paths = paths_of(&interpreter);
        assert_eq!(paths[3], "/p/.venv/lib/python3.13/site-packages");
        assert_eq!(paths.contains(&site), shared);
        assert_eq!(*paths.last().unwrap(), last);
        assert_eq!((interpreter.prefix.as_str(), interpreter.base_prefix.as_str()), ("/p/.venv", public));
        assert_eq!(interpreter.executable, "/p/.venv/bin/python");
    }
}

#[test]
fn another_sitecustomize_is_code() {
    let version = "/Library/Frameworks/Python.framework/Versions/3.13";
    let mut system = framework(version, "3.13");
    let text = "# This file is created by Homebrew, it says\nimport os\nos.umask(0)\n";
    system.write(format!("{version}/lib/python3.13/sitecustomize.py"), text);
    assert_eq!(start(&system, &format!("{version}/bin/python3")).startup_code.len(), 1);
}

#[test]
fn each_platform_has_its_own_programs() {
    for (platform, name) in [(Platform::Linux, "Linux"), (Platform::MacOs, "macOS"), (Platform::Windows, "Windows")] {
        for head in [b"\x7fELF".as_slice(), MACH_O, b"MZ\0\0"] {
            let mut system = MemorySystem::of(platform);
            let path = if platform.is_windows() { "C:/x/python3.12.exe" } else { "/x/bin/python3.12" };
            system.write_executable(path, head);
            let (_, problems) = interpret(&system, path.into(), Flags::default());
            let own = match platform {
                Platform::Linux => b"\x7fELF".as_slice(),
                Platform::MacOs => MACH_O,
                Platform::Windows => b"MZ\0\0",
            };
            let refused = problems.iter().any(|it| it.message == format!("is not an executable for {name}"));
            assert_eq!(refused, head != own, "{name} {head:?} {problems:?}");
        }
    }
}
