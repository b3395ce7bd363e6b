//! The cases of `layouts.md`.
//!
//! In: that file. Out: each case, run by every algorithm it names.
//!
//! **Invariant:** what is expected was read from CPython, never computed here.

use super::*;
use crate::system::Hive;

/// One version for each algorithm.
const VERSIONS: [&str; 4] = ["3.13.5", "3.14.4", "3.14.9", "3.14.10"];

#[test]
fn the_layouts_that_cpython_tests() {
    let text = include_str!("../layouts.md");
    let mut title = "";
    let mut cases = 0;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix("### ") {
            title = heading;
        } else if line == "```layout" {
            let block: Vec<&str> = lines.by_ref().take_while(|it| *it != "```").collect();
            cases += 1;
            for version in VERSIONS {
                run(title, &block, version);
            }
        }
    }
    assert!(cases > 32, "CPython has 32, and here are {cases}");
}

fn run(title: &str, block: &[&str], version: &str) {
    let numbers: Vec<u8> = version.split('.').map(|it| it.parse().unwrap()).collect();
    let [major, minor, micro] = numbers[..] else { panic!("{version}") };
    let filled =
        |text: &str| text.replace("{V}", &format!("{major}.{minor}")).replace("{N}", &format!("{major}{minor}"));
    let block: Vec<String> = block.iter().map(|it| filled(it)).collect();
    let platform = block.iter().find_map(|it| it.strip_prefix("platform: ")).unwrap_or("Linux");
    let platforms = [Platform::Linux, Platform::MacOs, Platform::Windows];
    let platform = platforms.into_iter().find(|it| it.name() == platform).unwrap();
    let mut system = MemorySystem::of(platform);
    let version = Version { major, minor, micro: Some(micro), suffix: String::new(), free_threaded: false };
    let mut build = Described::new(version, platform);
    let mut flags = Flags::default();
    let mut executable = "";
    for line in block.iter().filter(|it| !it.starts_with('=')) {
        let (key, value) = line.split_once(": ").unwrap();
        match key {
            "platform" => {}
            "file" => {
                let (path, text) = value.split_once(" <- ").unwrap_or((value, ""));
                system.write(path, text.replace("; ", "\n"));
            }
            "folder" => {
                system.create_directory(value);
            }
            "link" => {
                let (path, target) = value.split_once(" -> ").unwrap();
                system.link(path, target);
            }
            "registry" => {
                let (key, value) = value.split_once(" = ").unwrap();
                let (hive, key) = key.split_once('\\').unwrap();
                let hive = if hive == "HKCU" { Hive::CurrentUser } else { Hive::LocalMachine };
                system.set_registry_value(hive, key, value);
            }
            "env" => {
                let (name, value) = value.split_once('=').unwrap();
                system.set_variable(name, value);
            }
            "directory" => {
                system.set_working_directory(value);
            }
            "compiled" => build.prefix = Some(value.to_owned()),
            "compiled exec" => build.exec_prefix = Some(value.to_owned()),
            "library directory" => value.clone_into(&mut build.directory),
            "library" => build.library = Some(value.to_owned()),
            "framework" => {
                build.library = Some(value.to_owned());
                build.framework = true;
            }
            "launcher" => build.launcher = Some(value.to_owned()),
            "run" => {
                executable = value.trim_end_matches(" -E");
                flags.ignore_environment = value.ends_with(" -E");
            }
            _ => panic!("{title}: no such line: {line}"),
        }
    }
    let layout = layout(&system, &build, executable, flags);
    let short = format!("{major}.{minor}.{micro}");
    for line in block.iter().filter_map(|it| it.strip_prefix("= ")) {
        expect(&format!("{title} ({short}): {line}"), line, &short, &layout);
    }
}

fn expect(title: &str, line: &str, version: &str, layout: &Layout) {
    let keys = ["executable", "base executable", "base exec", "own", "base", "path"];
    let (key, rest) = keys.iter().find_map(|it| Some((*it, line.strip_prefix(it)?.strip_prefix(' ')?))).unwrap();
    let wanted = match rest.strip_prefix('[').map(|it| it.split_once("] ").unwrap()) {
        Some((versions, _)) if versions.split(' ').all(|it| it != version) => return,
        Some((_, wanted)) => wanted,
        None => rest,
    };
    match key {
        "executable" => assert_eq!(layout.executable, wanted, "{title}"),
        "base executable" => assert_eq!(layout.base_executable, wanted, "{title}"),
        "own" => assert_eq!([&layout.prefix, &layout.exec_prefix], [wanted; 2], "{title}"),
        "base" => assert_eq!(layout.base_prefix, wanted, "{title}"),
        "base exec" => assert_eq!(layout.base_exec_prefix, wanted, "{title}"),
        _ => assert_eq!(paths_of(layout).join(" | "), wanted, "{title}"),
    }
}
