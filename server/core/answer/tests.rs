//! Answers in a situation made by hand.
//!
//! In: a project and an environment in memory. Out: the answer to one name.
//!
//! **Invariant:** what an answer says about owners and requirements is what the files beside the module say.

use camino::{Utf8Path, Utf8PathBuf};

use std::sync::Arc;

use super::{Answers, AnswersByDirectory, Investigation, Place, merged};
use crate::environment::{Environment, EnvironmentKind, Source, SourceKind};
use crate::interpreter::UserSite;
use crate::operating_system::OperatingSystem;
use crate::origin::{Evidence, ImportRoot, Origin};
use crate::project::{self, Condition, Declared, Part, Project};
use crate::resolve::{ModuleKind, tests::python};
use crate::settings::Settings;
use crate::situation::Situation;
use crate::system::memory::MemorySystem;
use crate::system::{Recorder, System};
use crate::text::Range;

fn root(path: &str, origin: Origin) -> ImportRoot {
    ImportRoot { path: path.into(), origin, exists: true, same_as: None, evidence: Evidence::BuiltIn }
}

pub(super) fn machine() -> (MemorySystem, Situation) {
    let mut system = MemorySystem::default();
    let dist = "/usr/lib/python3/dist-packages";
    system
        .write("/proj/own.py", "")
        .write("/proj/random.py", "")
        .write("/std/random.py", "")
        .write("/std/json/__init__.py", "")
        .write("/one/PyYAML-6.dist-info/RECORD", "yaml/__init__.py,,\nyaml/nodes.py,,\n")
        .write("/one/PyYAML-6.dist-info/METADATA", "Name: PyYAML\nVersion: 6\n")
        .write("/one/yaml/__init__.py", "")
        .write("/one/yaml/nodes.py", "")
        .write("/one/space/a/__init__.py", "")
        .write(format!("{dist}/yaml/__init__.py"), "")
        .write(format!("{dist}/odd.py"), "")
        .write(format!("{dist}/unlike-1.dist-info/METADATA"), "Name: Unlike\nVersion: 1\n")
        .write("/var/lib/dpkg/status", "Package: python3-odd\nVersion: 1-2\n")
        .write("/var/lib/dpkg/info/python3-odd.list", format!("{dist}/odd.py\n{dist}/unlike-1.dist-info\n"))
        .write("/home/user/.local/lib/python3.11/site-packages/hidden.py", "")
        .write("/proj/scripts/run.py", "")
        .write("/proj/scripts/yaml.py", "")
        .write("/proj/scripts/lonely.py", "")
        .write("/proj/scripts/json/readme", "")
        .write("/proj/scripts/parts/one.py", "");
    let mut interpreter = python(11);
    interpreter.search_path.push(root(dist, Origin::DistPackages));
    let user_site = Utf8PathBuf::from("/home/user/.local/lib/python3.11/site-packages");
    interpreter.user_site = UserSite { path: Some(user_site), enabled: false };
    let declared = Declared {
        name: "pyyaml".to_owned(),
        extras: Vec::new(),
        requirement: "PyYAML>=5".to_owned(),
        path: "/proj/pyproject.toml".into(),
        range: Range::default(),
        part: Part::Main,
        condition: Condition::Always,
        source: project::Source::Index,
        versions: None,
    };
    let project = Project {
        root: "/proj".into(),
        dependencies: vec![declared],
        roots: vec![root("/proj", Origin::Project)],
        ..Project::default()
    };
    let environment = Environment {
        root: None,
        interpreter: Some(interpreter),
        kind: EnvironmentKind::System,
        source: Source { kind: SourceKind::Path, detail: String::new() },
        considered: Vec::new(),
        ignored: Vec::new(),
        broken: None,
        problems: Vec::new(),
    };
    (
        system,
        Situation {
            boundary: "/proj".into(),
            terminal: "/proj".into(),
            launch: None,
            variables: std::collections::BTreeMap::new(),
            project,
            environment,
            settings: Settings::default(),
            allow_insertion: None,
            python_insertion: None,
            rivals: Vec::new(),
            pip: None,
            lacks_ensurepip: false,
            lacks_pip: false,
            operating_system: OperatingSystem::default(),
            dependencies: crate::dependencies::Dependencies::default(),
            python_named_at: None,
            mistakes: Vec::new(),
            problems: Vec::new(),
        },
    )
}

#[test]
fn an_answer_says_whose_a_module_is() {
    let (system, situation) = machine();
    let investigation = Investigation::new(&system, &situation);
    let yaml = investigation.answer("yaml");
    assert_eq!(yaml.distribution.as_ref().map(|it| it.name.as_str()), Some("PyYAML"));
    assert_eq!(yaml.declared.as_deref(), Some("PyYAML>=5"));
    assert_eq!(yaml.os_package, None);
    let shadows: Vec<_> = yaml.shadows.iter().map(|it| (it.path.as_str(), it.origin)).collect();
    assert_eq!(shadows, [("/usr/lib/python3/dist-packages/yaml/__init__.py", Origin::DistPackages)]);

    let odd = investigation.answer("odd");
    assert_eq!(odd.os_package.as_ref().map(|it| (it.name.as_str(), it.version.as_str())), Some(("python3-odd", "1-2")));
    assert_eq!(odd.distribution.as_ref().map(|it| it.name.as_str()), Some("Unlike"), "by the package they came with");

    let random = investigation.answer("random");
    assert_eq!(random.resolution.origin, Some(Origin::Project));
    assert_eq!(random.shadows.first().map(|it| it.origin), Some(Origin::StandardLibrary));
}

#[test]
fn what_is_missing_is_searched_elsewhere() {
    let (system, situation) = machine();
    let investigation = Investigation::new(&system, &situation);
    let hidden = investigation.answer("hidden");
    assert!(!hidden.resolution.is_resolved());
    let places: Vec<_> = hidden.elsewhere.iter().map(|it| (it.place, it.path.file_name())).collect();
    assert_eq!(places, [(Place::UserSite, Some("hidden.py"))]);
    assert!(investigation.answer("nowhere").elsewhere.is_empty());
    assert!(investigation.answer("yaml.hidden").elsewhere.is_empty(), "the package that is here decides");
}

#[test]
fn other_pythons_are_started_with_the_editors_variables_too() {
    let (mut system, mut situation) = machine();
    system.write_executable("/opt/bin/python3.11", b"\x7fELF".as_slice()).write("/opt/lib/python3.11/os.py", "");
    system.write("/opt/lib/python3.11/encodings/__init__.py", "register").write("/set/lib/python3.11/os.py", "");
    system.write("/proj/other/pyvenv.cfg", "home = /opt/bin\n").link("/proj/other/bin/python", "/opt/bin/python3.11");
    system.write("/proj/other/lib/python3.11/site-packages/beside.py", "");
    system.write("/proj/other/lib64/python3.11/site-packages/beyond.py", "");
    let places = |system: &MemorySystem, situation: &Situation, name: &str| {
        Investigation::new(system, situation).answer(name).elsewhere.iter().map(|it| it.place).collect::<Vec<_>>()
    };
    assert_eq!(places(&system, &situation, "beside"), [Place::SiblingEnvironment]);
    assert_eq!(places(&system, &situation, "beyond"), []);
    situation.variables.insert("PYTHONPLATLIBDIR".to_owned(), "lib64".to_owned());
    assert_eq!(places(&system, &situation, "beyond"), [Place::SiblingEnvironment]);
    system.set_variable("PYTHONPLATLIBDIR", "lib64");
    situation.variables.insert("PYTHONPLATLIBDIR".to_owned(), String::new());
    assert_eq!(places(&system, &situation, "beyond"), [], "an empty one takes the process's away");
}

#[test]
fn a_script_finds_its_own_folder_first() {
    let (system, situation) = machine();
    let investigation = Investigation::new(&system, &situation);
    let scripts = Utf8Path::new("/proj/scripts");
    let origin = |name| investigation.answer_for(name, scripts).resolution.origin;
    assert_eq!(origin("lonely"), Some(Origin::Project));
    assert_eq!(origin("yaml"), Some(Origin::Project));
    assert_eq!(origin("json"), Some(Origin::StandardLibrary), "a mere folder does not replace a package");
    assert_eq!(origin("own"), Some(Origin::Project));
    assert_eq!(investigation.answer_for("yaml", scripts).shadows.len(), 2);
    assert!(!investigation.answer_for("lonely", Utf8Path::new("/proj")).resolution.is_resolved());
    let parts = investigation.answer_for("parts", scripts);
    assert_eq!(parts.resolution.kind, ModuleKind::Namespace, "a folder counts where there is nothing else");
    assert_eq!(origin("parts.one"), Some(Origin::Project));
    let mut packaged = system.clone();
    packaged.write("/proj/scripts/__init__.py", "");
    let investigation = Investigation::new(&packaged, &situation);
    assert_eq!(investigation.answer_for("yaml", scripts).resolution.origin, Some(Origin::SitePackages));
}

#[test]
fn all_the_answers_that_are_needed() {
    let (system, situation) = machine();
    let investigation = Investigation::new(&system, &situation);
    assert_eq!(investigation.answer("space").resolution.kind, ModuleKind::Namespace);
    let unanswered = |known: &Answers| {
        let next = if known.contains_key("space") { "space.a" } else { "space" };
        vec![next.to_owned()]
    };
    assert_eq!(investigation.answers_for("/proj/scripts/run.py".into(), unanswered).len(), 2);
}

#[test]
fn what_one_directory_does_not_find_is_missing() {
    let (system, situation) = machine();
    let investigation = Investigation::new(&system, &situation);
    let in_directory = |directory: &str| {
        let unanswered = |_: &Answers| vec!["lonely".to_owned(), "json".to_owned()];
        let file = Utf8Path::new(directory).join("run.py");
        (Utf8PathBuf::from(directory), Arc::new(investigation.answers_for(&file, unanswered)))
    };
    let answers: AnswersByDirectory = ["/proj", "/proj/scripts"].map(in_directory).into_iter().collect();
    let merged = merged(answers.values().map(|it| &**it));
    assert!(answers["/proj/scripts".as_ref() as &Utf8Path]["lonely"].resolution.is_resolved());
    assert!(!merged["lonely"].resolution.is_resolved());
    assert_eq!(merged["json"].resolution.origin, Some(Origin::StandardLibrary));
}

#[test]
fn without_a_python_nothing_is_said() {
    let (system, mut situation) = machine();
    situation.environment.interpreter = None;
    let answer = Investigation::new(&system, &situation).answer("hidden").as_ref().clone();
    assert!(!answer.resolution.is_resolved() && answer.elsewhere.is_empty() && answer.declared.is_none());
}

#[test]
fn dpkg_is_left_alone_where_it_is_not_needed() {
    let (system, situation) = machine();
    let recorder = Recorder::new(&system as &dyn System);
    Investigation::new(&recorder, &situation).answer("yaml");
    let reads = recorder.into_reads();
    assert!(reads.paths.iter().chain(&reads.directories).all(|path| !path.starts_with("/var")));
}
