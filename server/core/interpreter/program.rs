//! The program that runs in the end, on Windows and macOS: what people name there often only starts it.
//!
//! In: an executable. Out: a [`Program`]: the one that Python runs in, the file that holds its code, who started it.
//!
//! **Invariant:** a launcher is read, never run; an alias of the Microsoft Store is not even opened.

use camino::{Utf8Path, Utf8PathBuf};

use super::elf::Image;
use super::{mach_o, paths, pe};
use crate::system::{LARGEST_METADATA, System};

pub(super) struct Program {
    /// With every link resolved.
    pub(super) real: Utf8PathBuf,
    /// Where the code is.
    pub(super) code: Utf8PathBuf,
    pub(super) image: Image,
    pub(super) started: Started,
}

/// How a program came to run, as far as `getpath` hears of it.
#[derive(Debug, Default)]
pub(super) struct Started {
    /// `argv[0]`, where it is not the executable that was named.
    pub(super) executable: Option<String>,
    /// What stands in `__PYVENV_LAUNCHER__`.
    pub(super) launcher: Option<String>,
    /// The runtime library as the loader spells it.
    pub(super) library: Option<String>,
    pub(super) is_framework: bool,
    /// The machine in the names of extension modules, such as `win_amd64`.
    pub(super) tag: Option<&'static str>,
}

/// Finds the program behind an executable; `Err` says why there is none, for people.
pub(super) fn find(system: &dyn System, executable: &Utf8Path) -> Result<Program, String> {
    let platform = system.platform();
    if platform.is_windows() && is_store_alias(system, executable) {
        return Err("is an alias of the Microsoft Store, which only Windows can follow".to_owned());
    }
    let real = system.canonical(executable).map_err(|failure| failure.cause.to_string())?;
    let head = system.read_range(&real, 0, 4).map_err(|failure| failure.cause.to_string())?;
    if head.starts_with(b"#!") {
        return Err("is a script that starts an interpreter, not an interpreter".to_owned());
    }
    if platform.is_windows() {
        if !head.starts_with(b"MZ") {
            return Err(format!("is not an executable for {}", platform.name()));
        }
        return on_windows(system, executable, &real);
    }
    if !mach_o::is_magic(&head) {
        return Err(format!("is not an executable for {}", platform.name()));
    }
    on_macos(system, executable, real)
}

/// Store apps are started through files without content that only the shell can open (`IO_REPARSE_TAG_APPEXECLINK`).
pub(super) fn is_store_alias(system: &dyn System, executable: &Utf8Path) -> bool {
    let mut above = executable.ancestors().skip(1).take(2);
    above.any(|it| it.file_name().is_some_and(|name| name.eq_ignore_ascii_case("WindowsApps")))
        && system.metadata(executable).map_or(true, |it| it.length == 0)
}

fn on_windows(system: &dyn System, executable: &Utf8Path, real: &Utf8Path) -> Result<Program, String> {
    if let Some(program) = with_library(system, executable, real) {
        return Ok(program);
    }
    // `PC/venvlauncher.c`: it starts the program of its own name in `home`.
    let platform = system.platform();
    let launcher = platform.norm(&platform.text(executable));
    let Some(home) = home_of_launcher(system, &launcher) else {
        return Err("is a launcher without a Python to start".to_owned());
    };
    let base = platform.join(&home, platform.base_name(&launcher));
    let place = paths::place(system, &base);
    if is_store_alias(system, &place) {
        return Err(format!("starts `{base}`, an alias of the Microsoft Store, which only Windows can follow"));
    }
    let real = system.canonical(&place).map_err(|_| format!("starts `{base}`, which is not there"))?;
    let mut program =
        with_library(system, &place, &real).ok_or_else(|| format!("starts `{base}`, which is no Python"))?;
    program.started.executable = Some(base);
    program.started.launcher = Some(launcher);
    Ok(program)
}

/// A program with the library that it runs in, beside it or inside it.
fn with_library(system: &dyn System, executable: &Utf8Path, real: &Utf8Path) -> Option<Program> {
    let platform = system.platform();
    let image = pe::read(system, real);
    let directory = real.parent()?;
    let tag = pe::platform_tag(system, real);
    if let Some(image) = image.as_ref().filter(|it| it.builtin_modules.is_some()) {
        let started = Started { tag, ..Started::default() };
        return Some(Program { real: real.to_owned(), code: real.to_owned(), image: image.clone(), started });
    }
    let imported = image.iter().flat_map(|it| &it.needed).find(|it| version_of_library(it).is_some()).cloned();
    let listing = || system.list(directory).ok();
    let beside = || {
        let listing = listing()?;
        let names = listing.iter().map(|(name, _)| name);
        names.filter_map(|name| Some((version_of_library(name)?, name))).max().map(|(_, name)| name.to_owned())
    };
    // A program that can be read says which one it needs; a launcher needs none.
    let name = if image.is_some() { imported } else { beside() }?;
    let code = directory.join(&name);
    let (major, minor, threads) = version_of_library(&name)?;
    let mut image = pe::read(system, &code).unwrap_or_default();
    image.needed = vec![format!("libpython{major}.{minor}{}", if threads { "t" } else { "" })];
    // The loader looks beside the program as it was started, then beside where its link leads.
    let as_started = platform.join(platform.up(&platform.norm(&platform.text(executable))), &name);
    let library = if paths::is_file(system, &as_started) { as_started } else { platform.text(&code) };
    let started = Started { library: Some(library), tag, ..Started::default() };
    Some(Program { real: real.to_owned(), code, image, started })
}

/// Reads `python313t.dll`; `python3.dll` hands on to it and tells nothing.
fn version_of_library(name: &str) -> Option<(u8, u8, bool)> {
    let name = name.to_ascii_lowercase();
    let rest = name.strip_prefix("python3")?.strip_suffix(".dll")?;
    let rest = rest.strip_suffix("_d").unwrap_or(rest);
    let (digits, threads) = rest.strip_suffix('t').map_or((rest, false), |digits| (digits, true));
    Some((3, digits.parse().ok()?, threads))
}

/// `find_home_value` of `PC/venvlauncher.c`: the first line that begins with `home`, beside the launcher or one up.
fn home_of_launcher(system: &dyn System, launcher: &str) -> Option<String> {
    let platform = system.platform();
    let directory = platform.up(launcher);
    let places = [directory, platform.up(directory)].map(|it| paths::place(system, &platform.join(it, "pyvenv.cfg")));
    let file = places.into_iter().find(|it| system.exists(it))?;
    let bytes = system.read(&file, LARGEST_METADATA).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let blanks = [' ', '\t'];
    text.lines().find_map(|line| {
        let value = line.strip_prefix("home")?.trim_start_matches(blanks).strip_prefix('=')?.trim();
        (!value.is_empty()).then(|| value.to_owned())
    })
}

fn on_macos(system: &dyn System, executable: &Utf8Path, real: Utf8PathBuf) -> Result<Program, String> {
    let image = mach_o::read(system, &real).unwrap_or_default();
    if image.needed.iter().any(|it| it.ends_with("/libxcselect.dylib")) {
        return Err("is a stand-in that starts the Python of Apple's developer tools".to_owned());
    }
    let library = image.needed.iter().find(|it| is_framework(it) || base_name(it).starts_with("libpython"));
    let by_place = || framework_around(&real);
    let library = library.map(|it| resolved(system, it, &image, &real)).or_else(by_place);
    let Some(library) = library.filter(|_| image.builtin_modules.is_none()) else {
        return Ok(Program { code: real.clone(), real, image, started: Started::default() });
    };
    let code = system.canonical(&library).unwrap_or_else(|_| library.clone());
    let mut image = mach_o::read(system, &code).unwrap_or_default();
    let mut started = Started::default();
    if is_framework(library.as_str()) {
        let version = library.parent().and_then(Utf8Path::file_name).unwrap_or_default();
        let threads = if base_name(library.as_str()).ends_with('T') { "t" } else { "" };
        image.needed.push(format!("libpython{version}{threads}"));
        started.is_framework = true;
        // `Mac/Tools/pythonw.c`: links of the directory are resolved, a link to the program is not.
        if real.parent().and_then(Utf8Path::file_name) == Some("bin") {
            let directory = executable.parent().and_then(|it| system.canonical(it).ok());
            let launcher = directory.zip(executable.file_name()).map(|(directory, name)| directory.join(name));
            started.launcher = launcher.map(Utf8PathBuf::into_string);
        }
        started.library = Some(library.into_string());
    } else {
        image.needed.push(base_name(library.as_str()).to_owned());
    }
    Ok(Program { real, code, image, started })
}

fn is_framework(library: &str) -> bool {
    library.contains(".framework/Versions/") && base_name(library).starts_with("Python")
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `…/Python.framework/Versions/3.13/bin/python3.13` lies beside the library `Python`.
fn framework_around(real: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut above = real.ancestors().skip(1);
    above.find_map(|version| {
        let versions = version.parent().filter(|it| it.file_name() == Some("Versions"))?;
        let name = versions.parent()?.file_name()?.strip_suffix(".framework")?;
        Some(version.join(name))
    })
}

/// Finds a library as `dyld` does: `@executable_path`, `@loader_path` and `@rpath`.
fn resolved(system: &dyn System, library: &str, image: &Image, real: &Utf8Path) -> Utf8PathBuf {
    let directory = real.parent().unwrap_or(real);
    let near = |path: &str| {
        let rest = ["@executable_path/", "@loader_path/"].iter().find_map(|it| path.strip_prefix(it));
        rest.map_or_else(|| Utf8PathBuf::from(path), |rest| paths::norm(directory.join(rest).as_str()).into())
    };
    let Some(rest) = library.strip_prefix("@rpath/") else { return near(library) };
    let mut places = image.run_paths.iter().map(|it| near(&format!("{it}/")).join(rest));
    let found = places.find(|it| system.is_file(it));
    found.unwrap_or_else(|| directory.parent().unwrap_or(directory).join("lib").join(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Platform;
    use crate::system::memory::MemorySystem;

    #[test]
    fn a_launcher_starts_the_program_of_its_name_in_home() {
        let mut system = MemorySystem::of(Platform::Windows);
        system.write_executable(r"C:\v\Scripts\pythonw.exe", "MZ").write(r"C:\v\pyvenv.cfg", "x = 1\nhome=C:\\Py \r\n");
        system
            .write_executable(r"C:\Py\pythonw.exe", "MZ")
            .write(r"C:\Py\python313t.dll", "MZ")
            .write(r"C:\Py\python3.dll", "MZ");
        let program = find(&system, "C:/v/Scripts/pythonw.exe".into()).unwrap();
        assert_eq!(program.started.executable.as_deref(), Some(r"C:\Py\pythonw.exe"));
        assert_eq!(program.started.launcher.as_deref(), Some(r"C:\v\Scripts\pythonw.exe"));
        assert_eq!(program.started.library.as_deref(), Some(r"C:\Py\python313t.dll"));
        assert_eq!(program.image.needed, ["libpython3.13t"]);
        system.remove(r"C:\Py");
        let reason = find(&system, "C:/v/Scripts/pythonw.exe".into()).err().unwrap();
        assert_eq!(reason, r"starts `C:\Py\pythonw.exe`, which is not there");
    }

    #[test]
    fn an_alias_of_the_store_is_not_opened() {
        let mut system = MemorySystem::of(Platform::Windows);
        let apps = r"C:\Users\u\AppData\Local\Microsoft\WindowsApps";
        system.write_executable(format!(r"{apps}\python.exe"), "");
        let alias = format!(r"{apps}\PythonSoftwareFoundation.Python.3.13_qbz5n2kfra8p0");
        system.write_executable(format!(r"{alias}\python.exe"), "");
        for directory in [apps, &alias] {
            let executable = Utf8PathBuf::from(format!(r"{directory}\python.exe").replace('\\', "/"));
            let reason = find(&system, &executable).err().unwrap();
            assert_eq!(reason, "is an alias of the Microsoft Store, which only Windows can follow");
        }
    }

    #[test]
    fn a_framework_is_known_by_its_place() {
        let mut system = MemorySystem::of(Platform::MacOs);
        let version = "/Library/Frameworks/Python.framework/Versions/3.13";
        system.write_executable(format!("{version}/bin/python3.13"), b"\xcf\xfa\xed\xfe".to_vec());
        system.link("/usr/local/bin/python3", format!("{version}/bin/python3.13")).link("/local", "/usr/local");
        let program = find(&system, "/local/bin/python3".into()).unwrap();
        assert_eq!(program.started.launcher.as_deref(), Some("/usr/local/bin/python3"));
        assert_eq!(program.started.library.as_deref(), Some(&*format!("{version}/Python")));
        assert!(program.started.is_framework && program.image.needed == ["libpython3.13"]);
    }
}
