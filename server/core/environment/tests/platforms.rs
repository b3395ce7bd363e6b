//! Where tools keep environments and Pythons on Windows and macOS.
//!
//! In: a [`MemorySystem`] of that platform. Out: nothing but assertions on [`discover`].
//!
//! **Invariant:** each place is the one that the source of the tool names.

use super::super::{SourceKind, discover, known_pythons, short_hash};
use crate::settings::Settings;
use crate::situation::Question;
use crate::system::Platform;
use crate::system::memory::MemorySystem;

/// What the tools say of themselves on Windows: `platformdirs`, `get_workon_home`, `get_venv_prefix`, `generate_env_name`.
#[test]
fn on_windows_tools_keep_their_environments_where_windows_has_room_for_them() {
    let mut world = MemorySystem::of(Platform::Windows);
    world.write_executable(r"C:\Python313\python.exe", "MZ").write(r"C:\Python313\python313.dll", "MZ");
    world.write(r"C:\Python313\Lib\os.py", "").write(r"C:\Python313\Lib\encodings\__init__.py", "");
    world.set_variable("USERPROFILE", r"C:\Users\U").set_variable("HOME", "/c/Users/U");
    world.set_working_directory("C:/ws/App");
    let chosen_in = |files: &[(&str, &str)], environment: &str| {
        let mut system = world.clone();
        for (file, text) in files {
            system.write(file, *text);
        }
        system.write(format!("{environment}/pyvenv.cfg"), "home = C:\\Python313\nversion = 3.13.1\n");
        system.write_executable(format!("{environment}/Scripts/python.exe"), "MZ");
        let environment = discover(&system, &Question::about("C:/ws/App".into(), "C:/ws".into()), &Settings::default());
        (environment.source.kind, environment.root.map(|it| it.as_str().replace('\\', "/")), environment.considered)
    };
    let poetry = "[tool.poetry]\nname = \"app\"\n";
    for (kind, file, text, environment) in [
        (SourceKind::Poetry, "pyproject.toml", poetry, "AppData/Local/pypoetry/Cache/virtualenvs/app-POETRY-py3.13"),
        (SourceKind::Pipenv, "Pipfile", "", ".virtualenvs/App-PIPENV"),
        (SourceKind::Pdm, "pdm.lock", "", "AppData/Local/pdm/pdm/venvs/App-PDM-3.13"),
        (SourceKind::Hatch, "hatch.toml", "", "AppData/Local/hatch/env/virtual/app/HATCH/app"),
        (SourceKind::Conda, "environment.yml", "name: app\n", "AppData/Local/conda/conda/envs/app"),
    ] {
        let environment = format!("C:/Users/U/{environment}")
            .replace("POETRY", &short_hash::sha256(r"c:\ws\app"))
            .replace("PIPENV", &short_hash::sha256(r"C:\ws\App\Pipfile"))
            .replace("PDM", &short_hash::md5("C:/ws/App"))
            .replace("HATCH", &short_hash::sha256(r"C:\ws\App"));
        let (found, root, considered) = chosen_in(&[(&format!("C:/ws/App/{file}"), text)], &environment);
        assert_eq!((found, root), (kind, Some(environment)), "{considered:#?}");
    }
    let wrapper = "C:/Users/U/Envs/books";
    let (found, root, considered) = chosen_in(&[(&format!("{wrapper}/.project"), "c:\\ws\\app\r\n")], wrapper);
    assert_eq!((found, root.as_deref()), (SourceKind::Virtualenvwrapper, Some(wrapper)), "{considered:#?}");
}

#[test]
fn on_windows_a_version_file_is_answered_by_what_pyenv_uv_and_mise_have_there() {
    for folder in [
        ".pyenv/pyenv-win/versions/3.12.4",
        "AppData/Roaming/uv/python/cpython-3.12.4-windows-x86_64-none",
        "AppData/Local/mise/installs/python/3.12.4",
    ] {
        let mut system = MemorySystem::of(Platform::Windows);
        system.set_variable("USERPROFILE", r"C:\Users\u").set_working_directory("C:/ws/p");
        let prefix = format!("C:/Users/u/{folder}");
        system.write_executable(format!("{prefix}/python.exe"), "MZ").write(format!("{prefix}/python312.dll"), "MZ");
        system.write(format!("{prefix}/Lib/os.py"), "").write(format!("{prefix}/Lib/encodings/__init__.py"), "");
        let file = if folder.contains("mise") { "mise.toml" } else { ".python-version" };
        let text = if folder.contains("mise") { "[tools]\npython = \"3.12\"\n" } else { "3.12\r\n" };
        system.write(format!("C:/ws/p/{file}"), text);
        let environment = discover(&system, &Question::about("C:/ws/p".into(), "C:/ws".into()), &Settings::default());
        let executable = environment.interpreter.as_ref().map(|it| it.executable.as_str().replace('\\', "/"));
        assert_eq!(executable, Some(format!("{prefix}/python.exe")), "{:#?}", environment.considered);
        let known = known_pythons(&system);
        assert_eq!(known.iter().map(|it| it.folder.as_str().replace('\\', "/")).collect::<Vec<_>>(), [prefix]);
    }
}

#[test]
fn on_macos_tools_keep_their_environments_in_the_library() {
    for (kind, file, text, environment) in [
        (
            SourceKind::Poetry,
            "pyproject.toml",
            "[tool.poetry]\nname = \"app\"\n",
            format!("Library/Caches/pypoetry/virtualenvs/app-{}-py3.11", short_hash::sha256("/ws/p")),
        ),
        (
            SourceKind::Pipenv,
            "Pipfile",
            "",
            format!(".local/share/virtualenvs/p-{}", short_hash::sha256("/ws/p/Pipfile")),
        ),
        (
            SourceKind::Pdm,
            "pdm.lock",
            "",
            format!("Library/Application Support/pdm/venvs/p-{}-3.11", short_hash::md5("/ws/p")),
        ),
        (
            SourceKind::Hatch,
            "hatch.toml",
            "",
            format!("Library/Application Support/hatch/env/virtual/p/{}/p", short_hash::sha256("/ws/p")),
        ),
    ] {
        let mut system = MemorySystem::of(Platform::MacOs);
        system.set_variable("HOME", "/Users/u").set_working_directory("/ws/p").write(format!("/ws/p/{file}"), text);
        let prefix = "/Library/Frameworks/Python.framework/Versions/3.11";
        system.write_executable(format!("{prefix}/bin/python3.11"), b"\xcf\xfa\xed\xfe");
        system
            .write(format!("{prefix}/lib/python3.11/os.py"), "")
            .create_directory(format!("{prefix}/lib/python3.11/lib-dynload"));
        let environment = format!("/Users/u/{environment}");
        system.write(format!("{environment}/pyvenv.cfg"), format!("home = {prefix}/bin\nversion = 3.11.2\n"));
        system.link(format!("{environment}/bin/python"), format!("{prefix}/bin/python3.11"));
        system.create_directory(format!("{environment}/lib/python3.11/site-packages"));
        let found = discover(&system, &Question::about("/ws/p".into(), "/ws".into()), &Settings::default());
        let root = found.root.as_ref().map(|it| it.as_str());
        assert_eq!((found.source.kind, root), (kind, Some(&*environment)), "{:#?}", found.considered);
    }
}
