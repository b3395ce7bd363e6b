//! A CI file as code for the machines it asks for.
//!
//! In: YAML of GitHub, Forgejo, Gitea, GitLab, `CircleCI`, Azure, Bitbucket, Drone, Woodpecker, Travis, Cirrus, Read the Docs.
//! Out: the calls of pip in its steps.
//!
//! **Invariant:** the services differ, their words hardly do: an image, variables, code. A machine that a step or a parent
//! has given a Python of its own keeps it in all that stands below and behind, and what is included from elsewhere makes
//! the image unknown.

use camino::Utf8Path;

use super::code::Code;
use super::image;
use super::machine::Machine;
use super::{Host, Install};
use crate::text::{Span, Text};
use crate::yaml::{self, Node, Value};

/// Folders of forges that run the workflows of GitHub.
const FORGES: [&str; 3] = [".github", ".forgejo", ".gitea"];

/// Keys whose value is code, in the order in which services run it.
const CODE: [&str; 11] = [
    "before_install",
    "install",
    "before_script",
    "run",
    "script",
    "bash",
    "command",
    "commands",
    "inlineScript",
    "after_script",
    "after_success",
];

/// Keys whose value is an image, alone or as a list or table with one.
const IMAGE: [&str; 3] = ["image", "container", "docker"];

/// Machines of Cirrus that are no container, or one with an image of its own.
const OTHER_MACHINES: [&str; 6] =
    ["arm_container", "docker_builder", "compute_engine_instance", "gce_instance", "ec2_instance", "persistent_worker"];

/// Keys whose value is a table of variables.
const VARIABLES: [&str; 3] = ["env", "variables", "environment"];

/// The key of GitLab that names the templates of a job.
const EXTENDS: &str = "extends";

/// Keys that name an action or a task.
const ACTION: [&str; 3] = ["uses", "task", "language"];

/// Words of actions that bring another Python.
const OTHER_PYTHONS: [&str; 8] = ["python", "conda", "mamba", "setup-uv", "poetry", "pdm", "hatch", "rye"];

/// Tells whether this is where a service looks for its file.
pub(super) fn is_ci_file(path: &Utf8Path) -> bool {
    let is_yaml = matches!(path.extension(), Some("yml" | "yaml"));
    let mut folders = path.components().rev().skip(1).map(|part| part.as_str().to_owned());
    let (folder, above) = (folders.next().unwrap_or_default(), folders.next().unwrap_or_default());
    match path.file_name().unwrap_or_default() {
        ".gitlab-ci.yml"
        | ".travis.yml"
        | ".drone.yml"
        | ".woodpecker.yml"
        | ".woodpecker.yaml"
        | "bitbucket-pipelines.yml"
        | "azure-pipelines.yml"
        | ".azure-pipelines.yml"
        | ".cirrus.yml"
        | ".cirrus.yaml"
        | ".readthedocs.yml"
        | ".readthedocs.yaml" => true,
        "config.yml" => folder == ".circleci",
        // Steps that workflows share lie in a folder of their own, wherever its author likes.
        "action.yml" | "action.yaml" => path.components().any(|part| FORGES.contains(&part.as_str())),
        _ => is_yaml && (folder == "workflows" && FORGES.contains(&above.as_str()) || folder == ".woodpecker"),
    }
}

/// Whose words a file is written in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// The words that all of them have in common.
    Usual,
    /// Every key that ends with `script` is code, in the order of the file.
    Cirrus,
    /// The jobs are lists of code, and run in an environment of their own.
    ReadTheDocs,
}

impl Service {
    pub(super) fn of(path: &Utf8Path) -> Self {
        match path.file_name().and_then(|name| name.split('.').nth(1)) {
            Some("cirrus") => Service::Cirrus,
            Some("readthedocs") => Service::ReadTheDocs,
            _ => Service::Usual,
        }
    }
}

pub(super) fn installs(service: Service, text: &Text) -> Vec<Install> {
    // What is no YAML is the service's to complain about; what stands before the error is read.
    let (Some(top), _) = yaml::parse(Utf8Path::new(""), text) else { return Vec::new() };
    let mut reader = Reader { source: text.source(), service, top: &top, found: Vec::new() };
    let mut machine = Machine::new(Host::Runner);
    if service == Service::ReadTheDocs {
        machine.has_other_python = true;
        if let Some(jobs) = top.get("build").and_then(|it| it.get("jobs")) {
            reader.lists(jobs, &mut machine);
        }
    }
    reader.table(&top, &mut machine);
    // What an anchor or a template says for several jobs stands in one place.
    let mut found: Vec<Install> = Vec::new();
    for install in reader.found {
        if found.iter().all(|it| it.head != install.head) {
            found.push(install);
        }
    }
    found
}

/// GitLab's own bound of `extends` in `extends`.
const MOST_TEMPLATES: usize = 11;

struct Reader<'a> {
    source: &'a str,
    service: Service,
    top: &'a Node,
    found: Vec<Install>,
}

impl Reader<'_> {
    /// Reads one table: what it says of its machine first, then its code, then what it holds.
    fn table(&mut self, node: &Node, machine: &mut Machine) {
        let extended = node.get(EXTENDS).and_then(|_| self.extended(node, MOST_TEMPLATES));
        let node = extended.as_ref().unwrap_or(node);
        prepare(node, machine);
        for key in CODE {
            if let Some(value) = node.get(key) {
                self.code(value, machine);
            }
        }
        if self.service == Service::Cirrus
            && let Value::Table(entries) = &node.value
        {
            for (_, code) in entries.iter().filter(|(key, _)| key.text().is_some_and(|it| it.ends_with("_script"))) {
                self.code(code, machine);
            }
        }
        // What GitLab puts under `default` holds for every job.
        if let Some(default) = node.get("default") {
            self.table(default, machine);
        }
        let Value::Table(entries) = &node.value else { return };
        for (key, value) in entries {
            let name = key.text().unwrap_or_default();
            match &value.value {
                Value::Table(_) if name != "default" && !CODE.contains(&name) && !VARIABLES.contains(&name) => {
                    let mut machine = machine.clone();
                    if OTHER_MACHINES.contains(&name) {
                        machine.host = Host::Runner;
                    }
                    self.table(value, &mut machine);
                }
                Value::List(steps) if !CODE.contains(&name) => {
                    let mut machine = machine.clone();
                    for step in steps.iter().filter(|it| matches!(it.value, Value::Table(_))) {
                        self.step(step, &mut machine);
                    }
                }
                _ => {}
            }
        }
    }

    /// Takes in what a job of GitLab extends, where all of that stands in the same file: its own keys win, then the last of several
    /// templates.
    fn extended(&self, node: &Node, most: usize) -> Option<Node> {
        let Value::Table(own) = &node.value else { return None };
        let mut entries: Vec<_> = own.iter().filter(|(key, _)| key.text() != Some(EXTENDS)).cloned().collect();
        let named = node.get(EXTENDS)?;
        let names = if named.list().is_empty() { std::slice::from_ref(named) } else { named.list() };
        for name in names.iter().rev() {
            let template = self.top.get(name.text()?)?;
            let template = match template.get(EXTENDS) {
                Some(_) => self.extended(template, most.checked_sub(1)?)?,
                None => template.clone(),
            };
            let Value::Table(more) = template.value else { return None };
            yaml::add_missing(&mut entries, more);
        }
        Some(Node { value: Value::Table(entries), span: node.span })
    }

    /// Reads every list of commands below a node, in the order of the file.
    fn lists(&mut self, node: &Node, machine: &mut Machine) {
        let Value::Table(entries) = &node.value else { return self.code(node, machine) };
        for (_, value) in entries {
            self.lists(value, machine);
        }
    }

    /// A step stands behind the ones before it; one that has an image of its own is on another machine.
    fn step(&mut self, step: &Node, machine: &mut Machine) {
        if IMAGE.iter().any(|key| step.get(key).is_some()) {
            let mut own = machine.clone();
            own.has_other_python = false;
            self.table(step, &mut own);
        } else {
            self.table(step, machine);
        }
    }

    fn code(&mut self, node: &Node, machine: &mut Machine) {
        match &node.value {
            Value::Text(_) => {
                let code = self.scalar(node);
                self.found.extend(machine.run(&code));
            }
            Value::List(nodes) => {
                for node in nodes {
                    match node.value {
                        // `- run: …` of CircleCI, `- step:` of Bitbucket.
                        Value::Table(_) => self.step(node, machine),
                        _ => self.code(node, machine),
                    }
                }
            }
            Value::Table(_) => self.table(node, machine),
            Value::Alias => {}
        }
    }

    /// Returns the style of the block that a place lies at the head of or in, and where its first line begins: the place
    /// is that of the indicator, or that of the first line's text.
    fn block(&self, place: usize) -> Option<(char, usize)> {
        let style = |header: &str| {
            let header = header.trim_end().trim_end_matches(['+', '-', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
            header.chars().next_back().filter(|it| matches!(it, '|' | '>'))
        };
        let rest = self.source.get(place..)?;
        let line_end = place + rest.find('\n').map_or(rest.len(), |at| at + 1);
        if rest.starts_with(['|', '>']) {
            let header = self.source.get(place..line_end)?.split(" #").next()?;
            return Some((style(header)?, line_end));
        }
        let before = self.source.get(..place)?;
        let line_start = before.rfind('\n')? + 1;
        if !before.get(line_start..)?.trim().is_empty() {
            return None;
        }
        let above = before.trim_end();
        let header = above.lines().next_back()?.split(" #").next()?;
        // The lines between are blank.
        let first = above.len() + before.get(above.len()..)?.find('\n')? + 1;
        Some((style(header)?, first))
    }

    /// Cuts the code out of a scalar, in whichever style it is written (YAML 1.2, 7.3 and 8.1).
    fn scalar(&self, node: &Node) -> Code {
        let (start, end) = (node.span.start as usize, (node.span.end as usize).min(self.source.len()));
        let written = self.source.get(start..end).unwrap_or_default();
        // An anchor and a tag may stand before it; in a block they would be code.
        let properties = if self.block(start).is_some() { 0 } else { properties(written) };
        let (start, written) = (start + properties, written.get(properties..).unwrap_or_default());
        let mut code = Code::default();
        if let Some((style, mut at)) = self.block(start) {
            let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
            let mut depth = None;
            for line in self.source.get(at..).unwrap_or_default().split_inclusive('\n') {
                let content = line.trim_end_matches(['\n', '\r']);
                let is_blank = content.trim().is_empty();
                // The first line says how deep the block stands; it ends above that.
                if !is_blank && indent(content) < *depth.get_or_insert(indent(content).max(1)) {
                    break;
                }
                code.push(content, at);
                code.push_for(if style == '>' { ' ' } else { '\n' }, (at + content.len()).saturating_sub(1));
                at += line.len();
            }
            return code;
        }
        match written.chars().next() {
            Some('"' | '\'') if written.len() >= 2 => {
                code.push(written.get(1..written.len() - 1).unwrap_or_default(), start + 1);
            }
            _ => code.push(written, start),
        }
        code
    }
}

/// Returns how much of a scalar stands before what it says: `&anchor`, `!tag`.
fn properties(written: &str) -> usize {
    let mut rest = written;
    while rest.starts_with(['&', '!']) {
        let Some(end) = rest.find(char::is_whitespace) else { break };
        rest = rest.get(end..).unwrap_or_default().trim_start();
    }
    written.len() - rest.len()
}

/// Takes in what a table says of its machine.
fn prepare(node: &Node, machine: &mut Machine) {
    if let Some(name) = IMAGE.iter().find_map(|key| node.get(key).and_then(image_of)) {
        machine.host = image::host(name);
    } else if IMAGE.iter().chain(&OTHER_MACHINES).chain(&[EXTENDS, "<<"]).any(|key| node.get(key).is_some()) {
        // Which image it is stands elsewhere.
        machine.host = Host::Runner;
    }
    for key in VARIABLES {
        let Some(Value::Table(entries)) = node.get(key).map(|it| &it.value) else { continue };
        for (name, value) in entries {
            if let (Some(name_text), Some(value_text)) = (name.text(), value.text()) {
                machine.set(name_text, value_text, Span::new(name.span.start, value.span.end));
            }
        }
    }
    let says = |key: &str, words: &[&str]| {
        let text = node.get(key).and_then(Node::text).unwrap_or_default().to_ascii_lowercase();
        words.iter().any(|word| text.contains(word))
    };
    machine.has_other_python |= ACTION.iter().any(|key| says(key, &OTHER_PYTHONS));
    // Cirrus names a machine by what it is.
    machine.has_other_python |=
        ["macos_instance", "windows_container", "freebsd_instance"].iter().any(|key| node.get(key).is_some());
    // No Python of an operating system that manages it.
    machine.has_other_python |= ["runs-on", "vmImage", "os"].iter().any(|key| says(key, &["windows", "macos", "osx"]));
}

/// `image: x`, `image: {name: x}`, `container: {image: x}`, `docker: [{image: x}]`.
fn image_of(node: &Node) -> Option<&str> {
    let first = node.list().first();
    let named = node.get("image").or_else(|| node.get("name"));
    node.text().or_else(|| named.and_then(Node::text)).or_else(|| first.and_then(|it| it.get("image")?.text()))
}
