//! The frozen `getpath` of real interpreters, run in worlds that are only described: Windows and macOS as well.
//!
//! In: every Python from 3.11 on that has CPython's own test modules, which hand out the script's code. Out: no difference
//! in executables, prefixes and the search path before `site`.
//!
//! **Invariant:** both sides get the same description, so no rule of a platform is ever taken on trust.

use std::io::Write as _;
use std::process::Stdio;

use camino::Utf8PathBuf;
use fromwhere_core::interpreter::getpath::{self, Build, Flavor};
use fromwhere_core::interpreter::{Flags, Version};
use fromwhere_core::system::Hive;
use fromwhere_core::system::memory::MemorySystem;
use serde_json::{Value, json};

use super::python::{Python, all, command};
use super::scope;

use self::worlds::World;

mod worlds;

/// How many worlds are made where the whole is asked, and where a part is.
const RUNS: (u64, u64) = (600, 150);
const SEED: u64 = 31_100;

#[test]
fn random_worlds_of_every_platform() {
    let runs = scope::number("FROMWHERE_GETPATH_RUNS", if scope::is_whole() { RUNS.0 } else { RUNS.1 });
    let first = scope::number("FROMWHERE_GETPATH_SEED", SEED);
    let mut asked = Vec::new();
    for python in all().iter().filter(|it| it.version >= (3, 11)) {
        match compare(python, first, runs) {
            Ok(about) => asked.push(about),
            Err(reason) => eprintln!("left out: {}: {reason}", python.executable),
        }
    }
    eprintln!("{runs} worlds from seed {first}, by the getpath of {}", asked.join(", "));
    // A release of Debian may keep CPython's tests in a package of its own; of pyenv's Pythons none is without.
    assert!(!asked.is_empty(), "no Python here hands out its getpath");
}

fn compare(python: &Python, first: u64, runs: u64) -> Result<String, String> {
    let about = ask(python, &[])?.remove(0);
    let version: Vec<u8> = about["version"].as_array().into_iter().flatten().filter_map(small).collect();
    let [major, minor, micro] = version[..] else { return Err(format!("says {about}")) };
    let version = Version { major, minor, micro: Some(micro), suffix: String::new(), free_threaded: false };
    let worlds: Vec<World> = (first..first + runs)
        .map(|seed| World::make(seed, version.clone(), about["setup_local"] == json!(true)))
        .collect();
    let answers = ask(python, &worlds.iter().map(World::described).collect::<Vec<_>>())?;
    let mut wrong = Vec::new();
    for ((world, theirs), seed) in worlds.iter().zip(answers.iter().skip(1)).zip(first..) {
        let ours = world.ours();
        let theirs = theirs.get("fatal").map_or_else(|| theirs.clone(), |_| json!("does not start"));
        if ours != theirs {
            wrong.push(format!(
                "FROMWHERE_GETPATH_SEED={seed} FROMWHERE_GETPATH_RUNS=1\n{:#}\n{}",
                world.described(),
                differences(&ours, &theirs)
            ));
        }
    }
    assert_eq!(answers.len(), worlds.len() + 1, "an answer for each world");
    let said = format!("{major}.{minor}.{micro}");
    let first = wrong.first().map_or("", String::as_str);
    assert!(wrong.is_empty(), "{said}: {} of {runs} differ, the first:\n{first}", wrong.len());
    Ok(said)
}

fn small(value: &Value) -> Option<u8> {
    value.as_u64().and_then(|it| u8::try_from(it).ok())
}

fn differences(ours: &Value, theirs: &Value) -> String {
    let (Some(ours), Some(real)) = (ours.as_object(), theirs.as_object()) else {
        return format!("ours {ours}\nreal {theirs}");
    };
    let keys = real.keys().filter(|key| ours.get(*key) != real.get(*key));
    let lines: Vec<_> = keys.map(|key| format!("{key}\n  ours {}\n  real {}", ours[key], real[key])).collect();
    lines.join("\n")
}

fn ask(python: &Python, worlds: &[Value]) -> Result<Vec<Value>, String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/getpath.py");
    let mut child = command(&python.executable)
        .args(["-I", "-B", "-X", "utf8", script])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut input = child.stdin.take().expect("piped");
    let lines: Vec<_> = worlds.iter().map(Value::to_string).collect();
    // It answers while it reads, so both have to go on at once.
    let writer = std::thread::spawn(move || input.write_all(lines.join("\n").as_bytes()));
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let _ = writer.join();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(said.lines().last().unwrap_or_default().to_owned());
    }
    let lines = String::from_utf8_lossy(&output.stdout);
    lines.lines().map(|line| serde_json::from_str(line).map_err(|error| error.to_string())).collect()
}

impl World {
    fn described(&self) -> Value {
        let variables: serde_json::Map<String, Value> =
            self.variables.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        json!({
            "platform": self.platform.name(),
            "nodes": self.nodes,
            "variables": variables,
            "registry": self.registry,
            "prefix": self.prefix,
            "exec_prefix": self.exec_prefix,
            "library": self.library,
            "launcher": self.launcher,
            "threads": if self.version.free_threaded { "t" } else { "" },
            "framework": self.framework,
            "library_directory": self.library_directory,
            "sources": self.sources,
            "executable": self.executable,
            "working_directory": self.working_directory,
            "ignores_environment": self.ignores_environment,
        })
    }

    fn ours(&self) -> Value {
        let mut system = MemorySystem::of(self.platform);
        system.set_working_directory(Utf8PathBuf::from(&self.working_directory));
        for (path, node) in &self.nodes {
            match (node.get("text").and_then(Value::as_str), node.get("link").and_then(Value::as_str)) {
                (Some(text), _) => system.write(path, text),
                (_, Some(target)) => system.link(path, target),
                _ => system.create_directory(path),
            };
        }
        for (name, value) in &self.variables {
            system.set_variable(name, value);
        }
        for (key, value) in &self.registry {
            let (hive, key) = key.split_once('\\').expect("a hive");
            let hive = if hive == "HKCU" { Hive::CurrentUser } else { Hive::LocalMachine };
            system.set_registry_value(hive, key, value);
        }
        let flags = Flags { ignore_environment: self.ignores_environment, ..Flags::default() };
        let layout = getpath::layout(&system, self, &self.executable, flags);
        if layout.fatal.is_some() {
            return json!("does not start");
        }
        let paths: Vec<&String> = layout.search_path.iter().map(|(path, _)| path).collect();
        json!({
            "executable": layout.executable,
            "base_executable": layout.base_executable,
            "prefix": layout.prefix,
            "exec_prefix": layout.exec_prefix,
            "base_prefix": layout.base_prefix,
            "base_exec_prefix": layout.base_exec_prefix,
            "module_search_paths": paths,
            "site_import": u8::from(layout.path_file.is_none_or(|it| it.imports_site)),
        })
    }
}

impl Build for World {
    fn flavor(&self) -> Flavor {
        Flavor::of(&self.version)
    }

    fn version(&self) -> &Version {
        &self.version
    }

    fn platform_library_directory(&self) -> &str {
        self.library_directory
    }

    fn compiled_prefix(&self) -> Option<String> {
        self.prefix.clone()
    }

    fn compiled_exec_prefix(&self) -> Option<String> {
        self.exec_prefix.clone()
    }

    fn sources(&self) -> String {
        self.sources.to_owned()
    }

    fn knows_setup_local(&self) -> bool {
        self.knows_setup_local
    }

    fn library(&self) -> Option<String> {
        self.library.clone()
    }

    fn is_standalone(&self) -> bool {
        false
    }

    fn launcher(&self) -> Option<String> {
        self.launcher.clone()
    }

    fn is_framework(&self) -> bool {
        self.framework
    }
}
