//! Layouts on trees that this machine need not have: what CPython's own tests of `getpath` and measurements say, as data.
//!
//! **Invariant:** a layout holds what was read or measured, never what our code says of it.

use super::*;
use crate::system::memory::MemorySystem;

mod literate;

/// One build of CPython, described.
struct Described {
    version: Version,
    directory: String,
    prefix: Option<String>,
    exec_prefix: Option<String>,
    library: Option<String>,
    launcher: Option<String>,
    framework: bool,
    standalone: bool,
    windows: bool,
}

impl Described {
    fn new(version: Version, platform: Platform) -> Self {
        Described {
            version,
            directory: if platform.is_windows() { "DLLs" } else { "lib" }.to_owned(),
            prefix: None,
            exec_prefix: None,
            library: None,
            launcher: None,
            framework: false,
            standalone: false,
            windows: platform.is_windows(),
        }
    }
}

impl Build for Described {
    fn flavor(&self) -> Flavor {
        Flavor::of(&self.version)
    }

    fn version(&self) -> &Version {
        &self.version
    }

    fn platform_library_directory(&self) -> &str {
        &self.directory
    }

    fn compiled_prefix(&self) -> Option<String> {
        self.prefix.clone()
    }

    fn compiled_exec_prefix(&self) -> Option<String> {
        self.exec_prefix.clone().or_else(|| self.prefix.clone())
    }

    fn sources(&self) -> String {
        if self.windows { r"..\..".to_owned() } else { String::new() }
    }

    fn knows_setup_local(&self) -> bool {
        true
    }

    fn library(&self) -> Option<String> {
        self.library.clone()
    }

    fn is_standalone(&self) -> bool {
        self.standalone
    }

    fn launcher(&self) -> Option<String> {
        self.launcher.clone()
    }

    fn is_framework(&self) -> bool {
        self.framework
    }
}

fn build(flavor: Flavor) -> Described {
    let (minor, micro) = match flavor {
        Flavor::PyPy => (11, 0),
        Flavor::Classic => (10, 4),
        Flavor::P11 => (13, 5),
        Flavor::P14 => (14, 4),
        Flavor::P14Relocated => (14, 9),
        Flavor::P14Searched => (14, 10),
    };
    let version = Version { major: 3, minor, micro: Some(micro), suffix: String::new(), free_threaded: false };
    assert_eq!(Flavor::of(&version), flavor);
    let prefix = Some("/usr".to_owned());
    Described { prefix, ..Described::new(version, Platform::Linux) }
}

/// Makes the standard library of a prefix.
fn install(system: &mut MemorySystem, build: &Described, prefix: &str) {
    let library = format!("{prefix}/{}/{}", build.directory, versioned(Implementation::CPython, &build.version));
    system.write(format!("{library}/os.py"), "").create_directory(format!("{library}/lib-dynload"));
}

fn compute(system: &MemorySystem, build: &Described, executable: &str) -> Layout {
    layout(system, build, executable, Flags::default())
}

/// Its own two prefixes and those of its base.
fn prefixes(layout: &Layout) -> [&str; 4] {
    [&layout.prefix, &layout.exec_prefix, &layout.base_prefix, &layout.base_exec_prefix].map(String::as_str)
}

fn paths_of(layout: &Layout) -> Vec<&str> {
    layout.search_path.iter().map(|(path, _)| path.as_str()).collect()
}

const ALL: [Flavor; 5] = [Flavor::Classic, Flavor::P11, Flavor::P14, Flavor::P14Relocated, Flavor::P14Searched];

#[test]
fn an_installed_python_is_found_from_its_executable() {
    for flavor in ALL {
        let build = build(flavor);
        let (short, digits) = (build.version.short(), format!("3{}", build.version.minor));
        let mut system = MemorySystem::default();
        install(&mut system, &build, "/opt/py");
        let name = format!("/opt/py/bin/python{short}");
        system.write(&name, "").link("/usr/bin/python", &name);
        for executable in [name.as_str(), "/usr/bin/python"] {
            let layout = compute(&system, &build, executable);
            assert_eq!(prefixes(&layout), ["/opt/py"; 4], "{flavor:?}");
            let library = format!("/opt/py/lib/python{short}");
            let expected =
                [format!("/opt/py/lib/python{digits}.zip"), library.clone(), format!("{library}/lib-dynload")];
            assert_eq!(paths_of(&layout), expected);
            assert_eq!(layout.executable, executable);
        }
    }
}

#[test]
fn a_library_that_is_nowhere_leaves_the_compiled_prefix() {
    for flavor in ALL {
        let system = MemorySystem::default();
        assert_eq!(prefixes(&compute(&system, &build(flavor), "/x/bin/python")), ["/usr"; 4], "{flavor:?}");
    }
}

#[test]
fn a_virtual_environment_sets_its_prefix_from_3_14_on() {
    for flavor in ALL {
        let build = build(flavor);
        let mut system = MemorySystem::default();
        install(&mut system, &build, "/usr");
        system.write("/usr/bin/python3", "").link("/venv/bin/python", "/usr/bin/python3");
        system.write("/venv/pyvenv.cfg", "home = /usr/bin\n");
        let own = if flavor.is_14() { "/venv" } else { "/usr" };
        assert_eq!(prefixes(&compute(&system, &build, "/venv/bin/python")), [own, own, "/usr", "/usr"], "{flavor:?}");

        // Without `home` the link alone leads to the library.
        system.write("/venv/pyvenv.cfg", "");
        assert_eq!(prefixes(&compute(&system, &build, "/venv/bin/python")), [own, own, "/usr", "/usr"], "{flavor:?}");

        // Beside the executable: 3.14 takes that directory for the environment.
        system.remove("/venv/pyvenv.cfg").write("/venv/bin/pyvenv.cfg", "home = /usr/bin\n");
        let own = if flavor.is_14() { "/venv/bin" } else { "/usr" };
        assert_eq!(prefixes(&compute(&system, &build, "/venv/bin/python")), [own, own, "/usr", "/usr"], "{flavor:?}");
    }
}

#[test]
fn a_copied_executable_goes_where_home_says() {
    for flavor in ALL {
        let build = build(flavor);
        let mut system = MemorySystem::default();
        install(&mut system, &build, "/opt/py");
        system.write("/opt/py/bin/python3", "").write("/venv/bin/python", "");
        system.write("/venv/pyvenv.cfg", "home = /opt/py/bin\n");
        let layout = compute(&system, &build, "/venv/bin/python");
        assert_eq!(layout.base_prefix, "/opt/py", "{flavor:?}");
    }
}

#[test]
fn a_link_beats_a_stale_home_where_the_flavor_says_so() {
    // (flavor, base prefix when `home` leads nowhere, when it leads to another library)
    let rows = [
        (Flavor::Classic, "/opt/py", "/opt/py"),
        (Flavor::P11, "/usr", "/other"),
        (Flavor::P14, "/usr", "/other"),
        (Flavor::P14Relocated, "/opt/py", "/opt/py"),
        (Flavor::P14Searched, "/opt/py", "/opt/py"),
    ];
    for (flavor, nowhere, elsewhere) in rows {
        let build = build(flavor);
        let mut system = MemorySystem::default();
        install(&mut system, &build, "/opt/py");
        install(&mut system, &build, "/other");
        system.write("/opt/py/bin/python3", "").link("/venv/bin/python", "/opt/py/bin/python3");
        system.write("/venv/pyvenv.cfg", "home = /nowhere/bin\n");
        assert_eq!(compute(&system, &build, "/venv/bin/python").base_prefix, nowhere, "{flavor:?}");
        system.write("/venv/pyvenv.cfg", "home = /other/bin\n");
        assert_eq!(compute(&system, &build, "/venv/bin/python").base_prefix, elsewhere, "{flavor:?}");
    }
}

#[test]
fn a_launcher_outside_any_runtime_leaves_home_in_force() {
    // The link leads to a wrapper in a directory without a library: 3.14.9 followed it, 3.14.10 looks first.
    for (flavor, base) in [(Flavor::P14Relocated, "/usr"), (Flavor::P14Searched, "/opt/py")] {
        let build = build(flavor);
        let mut system = MemorySystem::default();
        install(&mut system, &build, "/opt/py");
        system.write("/launchers/python3", "").link("/venv/bin/python", "/launchers/python3");
        system.write("/venv/pyvenv.cfg", "home = /opt/py/bin\n");
        assert_eq!(compute(&system, &build, "/venv/bin/python").base_prefix, base, "{flavor:?}");
    }
}

#[test]
fn exec_prefix_follows_prefix_from_3_14_on() {
    // A stray `lib-dynload` nearer to the executable than the library.
    for (flavor, exec_prefix) in
        [(Flavor::P11, "/opt/py/arch"), (Flavor::P14, "/opt/py"), (Flavor::P14Searched, "/opt/py")]
    {
        let build = build(flavor);
        let mut system = MemorySystem::default();
        install(&mut system, &build, "/opt/py");
        system.create_directory(format!(
            "/opt/py/arch/lib/{}/lib-dynload",
            versioned(Implementation::CPython, &build.version)
        ));
        system.write("/opt/py/arch/bin/python3", "");
        let layout = compute(&system, &build, "/opt/py/arch/bin/python3");
        assert_eq!(
            (layout.base_prefix.as_str(), layout.base_exec_prefix.as_str()),
            ("/opt/py", exec_prefix),
            "{flavor:?}"
        );
    }
}

#[test]
fn the_archive_is_a_landmark_from_3_11_on() {
    for (flavor, prefix) in
        [(Flavor::Classic, "/usr"), (Flavor::P11, "/usr/local"), (Flavor::P14Searched, "/usr/local")]
    {
        let build = build(flavor);
        let mut system = MemorySystem::default();
        install(&mut system, &build, "/usr");
        system.write(format!("/usr/local/lib/python3{}.zip", build.version.minor), "");
        assert_eq!(compute(&system, &build, "/usr/local/bin/python3").base_prefix, prefix, "{flavor:?}");
    }
}

#[test]
fn pythonhome_cancels_the_environment_only_up_to_3_13() {
    for (flavor, own) in [(Flavor::P11, "/home/a"), (Flavor::P14, "/venv")] {
        let build = build(flavor);
        let mut system = MemorySystem::default();
        system.write("/venv/pyvenv.cfg", "home = /usr/bin\n").set_variable("PYTHONHOME", "/home/a:/home/b");
        let layout = compute(&system, &build, "/venv/bin/python");
        let own_exec = if flavor.is_14() { own } else { "/home/b" };
        assert_eq!(prefixes(&layout), [own, own_exec, "/home/a", "/home/b"], "{flavor:?}");
    }
}

#[test]
fn a_build_tree_is_recognized() {
    for flavor in [Flavor::P11, Flavor::P14Searched] {
        let build = Described { prefix: Some("/usr/local".to_owned()), ..build(flavor) };
        let mut system = MemorySystem::default();
        system.write("/src/python", "").write("/src/pybuilddir.txt", "build/lib.linux").write("/src/Lib/os.py", "");
        let layout = compute(&system, &build, "/src/python");
        let zip = format!("/usr/local/lib/python3{}.zip", build.version.minor);
        assert_eq!(paths_of(&layout), [zip.as_str(), "/src/Lib", "/src/build/lib.linux"], "{flavor:?}");
        assert_eq!(prefixes(&layout), ["/usr/local"; 4]);
    }
}

#[test]
fn a_path_file_replaces_everything() {
    let build = build(Flavor::P11);
    let mut system = MemorySystem::default();
    system.write("/p/python", "").write("/p/python._pth", "lib # the library\n\nimport os\nimport site\n..\\x\n");
    system.set_variable("PYTHONPATH", "/ignored");
    let layout = compute(&system, &build, "/p/python");
    assert_eq!(paths_of(&layout), ["/p/lib", "/p/..\\x"]);
    assert_eq!(layout.path_file, Some(PathFile { imports_site: true }));
    system.write("/p/python._pth", vec![b'#'; 32 * 1024]);
    assert_eq!(compute(&system, &build, "/p/python").fatal.as_deref(), Some("`/p/python._pth` has 32 KiB or more"));
}

#[test]
fn python_build_standalone_trusts_where_its_code_lies() {
    // uv makes environments through a link that follows upgrades; the patch sees through it for one prefix only.
    let rows = [(Flavor::P11, "/uv/cpython-3.13"), (Flavor::P14Searched, "/uv/cpython-3.14.10")];
    for (flavor, exec_prefix) in rows {
        let mut build = build(flavor);
        let short = build.version.short();
        let real = format!("/uv/cpython-{short}.{}", build.version.micro.unwrap());
        let mut system = MemorySystem::default();
        install(&mut system, &build, &real);
        system.write(format!("{real}/bin/python3"), "").link(format!("/uv/cpython-{short}"), real.as_str());
        system.link("/venv/bin/python", format!("/uv/cpython-{short}/bin/python3"));
        system.write("/venv/pyvenv.cfg", "home = /usr/bin\n");
        build.prefix = Some("/install".to_owned());
        build.library = Some(format!("{real}/bin/python3"));
        build.standalone = true;
        let layout = compute(&system, &build, "/venv/bin/python");
        assert_eq!((layout.base_prefix, layout.base_exec_prefix.as_str()), (real, exec_prefix), "{flavor:?}");
    }
}

#[test]
fn python_build_standalone_takes_the_folder_of_the_program_that_home_has() {
    let mut build = build(Flavor::P11);
    let mut system = MemorySystem::default();
    install(&mut system, &build, "/uv/python");
    system.write("/uv/python/bin/python3", "").write("/venv/bin/python3", "");
    system.write("/venv/pyvenv.cfg", "home = /uv/python/bin/../bin\n");
    for (standalone, prefix) in [(false, "/uv/python/bin/.."), (true, "/uv/python")] {
        build.standalone = standalone;
        let layout = compute(&system, &build, "/venv/bin/python3");
        assert_eq!(layout.base_prefix, prefix, "standalone: {standalone}");
    }
}

#[test]
fn other_library_directories_and_free_threading_change_the_names() {
    let mut build = build(Flavor::P11);
    build.directory = "lib64".to_owned();
    build.version.free_threaded = true;
    let mut system = MemorySystem::default();
    install(&mut system, &build, "/usr");
    let layout = compute(&system, &build, "/usr/bin/python3");
    let expected = ["/usr/lib64/python313t.zip", "/usr/lib64/python3.13t", "/usr/lib64/python3.13t/lib-dynload"];
    assert_eq!(paths_of(&layout), expected);
}

#[test]
fn a_home_that_is_a_file_ends_the_start_from_3_11_on() {
    for (flavor, starts) in [(Flavor::Classic, true), (Flavor::P11, false), (Flavor::P14Searched, false)] {
        let build = build(flavor);
        let mut system = MemorySystem::default();
        install(&mut system, &build, "/usr");
        system
            .write("/usr/bin/python3", "")
            .write("/venv/bin/python", "")
            .write("/venv/pyvenv.cfg", "home = /usr/bin/python3\n");
        assert_eq!(compute(&system, &build, "/venv/bin/python").fatal.is_none(), starts, "{flavor:?}");
    }
}

#[test]
fn a_relative_python_path_is_made_absolute_by_the_script_only() {
    for (flavor, expected) in [(Flavor::Classic, ["a", "", "../b"]), (Flavor::P11, ["/work/a", "/work", "/work/../b"])]
    {
        let build = build(flavor);
        let mut system = MemorySystem::default();
        system.set_variable("PYTHONPATH", "a::../b").set_working_directory("/work");
        let layout = compute(&system, &build, "/usr/bin/python3");
        assert_eq!(paths_of(&layout).get(..3), Some(&expected[..]), "{flavor:?}");
    }
}
