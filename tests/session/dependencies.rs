//! What manifests and locks say, while they and what is installed change on disk.
//!
//! **Invariant:** no manifest is ever opened in the editor here: the disk is what counts.

use serde_json::{Value, json};

use super::*;

const MANIFEST: &str = "/ws/pyproject.toml";
const METADATA: &str = "/ws/.venv/lib/python3.11/site-packages/thing-1.dist-info/METADATA";

impl Desk {
    fn writes(&mut self, path: &str, text: &str) {
        self.system.write(path, text);
        self.handle(Event::Disk(vec![path.into()]));
        self.settle();
    }

    fn said_of(&self, path: &str) -> Vec<String> {
        let uri = Url::from_file_path(path).unwrap();
        let shown = self.shown.get(&uri).map(|(_, diagnostics)| diagnostics.as_slice()).unwrap_or_default();
        shown.iter().map(|diagnostic| format!("{}: {}", diagnostic.range.start.line + 1, diagnostic.message)).collect()
    }
}

#[test]
fn manifests_and_locks_follow_what_is_declared_and_installed() {
    let mut desk = Desk::new(world(), Value::Null);
    desk.open("import os\n");
    desk.settle();
    assert_eq!(desk.said_of(MANIFEST), ["4: .venv has no packages in it; `thing` is declared"]);
    // The folder is what the watch of site-packages sees.
    desk.system.write(METADATA, "Name: thing\nVersion: 1\n");
    desk.handle(Event::Disk(vec![METADATA.trim_end_matches("/METADATA").into()]));
    desk.settle();
    assert_eq!(desk.said_of(MANIFEST), [""; 0], "it was installed");
    desk.writes(MANIFEST, "[project]\nname = \"demo\"\ndependencies = [\"thing>1\", \"other\"]\n");
    assert_eq!(
        desk.said_of(MANIFEST),
        ["3: `thing` 1 is installed in .venv, outside `>1`", "3: `other` is declared, but not installed in .venv"]
    );
    desk.writes(METADATA, "Name: thing\nVersion: 2\n");
    assert_eq!(desk.said_of(MANIFEST), ["3: `other` is declared, but not installed in .venv"]);
    desk.writes(
        MANIFEST,
        "[project]\nname = \"demo\"\ndependencies = [\"thing\"]\n[tool.fromwhere]\nselect = [\"lock-drift\"]\n[tool.uv]\n",
    );
    assert_eq!(desk.said_of(MANIFEST), [""; 0]);
    let pinned =
        |version| format!("[[package]]\nname = \"thing\"\nversion = \"{version}\"\nsource = {{ registry = \"x\" }}\n");
    desk.writes("/ws/uv.lock", &pinned(3));
    assert_eq!(desk.said_of("/ws/uv.lock"), ["3: `thing` 2 is installed, uv.lock pins 3"]);
    desk.writes("/ws/uv.lock", &pinned(2));
    assert_eq!(desk.said_of("/ws/uv.lock"), [""; 0]);
}

#[test]
fn a_version_that_is_not_wanted_has_the_command_of_the_projects_tool() {
    let mut desk = Desk::new(world(), Value::Null);
    desk.open("import os\n");
    desk.writes(METADATA, "Name: thing\nVersion: 1\n");
    desk.writes(
        MANIFEST,
        "[project]\nname = \"demo\"\ndependencies = [\"thing>1\"]\n[tool.fromwhere]\nselect = [\"lock-drift\", \"dependency-version\"]\n",
    );
    let lock = "[[package]]\nname = \"thing\"\nversion = \"2\"\nsource = { registry = \"x\" }\n";
    desk.writes("/ws/uv.lock", lock);
    let at = |path: &str| Url::from_file_path(path).unwrap();
    assert_eq!(desk.said_of(MANIFEST), ["3: `thing` 1 is installed in .venv, outside `>1`"]);
    assert_eq!(desk.titles_at(&at(MANIFEST), 2), ["Install what is declared: `uv sync`"]);
    assert_eq!(desk.titles_at(&at("/ws/uv.lock"), 2), ["Install what is locked: `uv sync`"]);
}

#[test]
fn mistakes_in_the_settings_are_shown_where_they_stand() {
    let capabilities = json!({
        "workspace": { "configuration": true },
        "textDocument": { "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } } },
    });
    let mut desk = Desk::with_client(world(), Value::Null, &capabilities);
    desk.open("import os\n");
    let head = "[project]\nname = \"demo\"\n[tool.fromwhere]\n";
    desk.writes(MANIFEST, &format!("{head}ignor = []\nselect = [\n  \"env-nome\",\n  \"env-mismatch\"]\nallow = 3\n"));
    assert_eq!(
        desk.said_of(MANIFEST),
        [
            "4: unknown key `ignor`; did you mean `ignore`?",
            "6: unknown rule `env-nome` in `select`; did you mean `env-none`?",
            "8: `allow` must be an array of strings, not an integer",
        ]
    );
    let uri = Url::from_file_path(MANIFEST).unwrap();
    assert_eq!(desk.codes_at(&uri), ["configuration"; 3]);
    assert_eq!(desk.titles_at(&uri, 3), ["Write `ignore`"]);
    assert_eq!(desk.titles_at(&uri, 5), ["Write `env-none`"]);
    assert_eq!(desk.titles_at(&uri, 7), [""; 0]);
    desk.writes(MANIFEST, &format!("{head}select = [\"env-mismatch\"]\n"));
    assert_eq!(desk.said_of(MANIFEST), [""; 0], "mended");
    // A file of its own is shown as well, and what is torn is not edited.
    desk.writes("/ws/fromwhere.toml", "allows = []\nselect = [\n");
    assert_eq!(desk.codes_at(&Url::from_file_path("/ws/fromwhere.toml").unwrap()), ["configuration"]);
    assert_eq!(desk.titles_at(&Url::from_file_path("/ws/fromwhere.toml").unwrap(), 0), [""; 0]);
}
