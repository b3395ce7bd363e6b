//! The documents of our own: what they say, how a client comes to them, and that they stay true.

use fromwhere::lsp::effect::Response;
use fromwhere::lsp::event::{Event, Request, Ticket};
use fromwhere_core::text::EditorPosition;
use serde_json::{Value, json};
use tower_lsp::lsp_types::{Hover, HoverContents, Url};

use super::{Desk, SITE, app, make_environment, world};

const ROOTS: &str = "fromwhere.server.roots";
const EXPLAIN: &str = "fromwhere.server.explain";

fn desk(capabilities: &Value) -> Desk {
    Desk::with_client(world(), Value::Null, capabilities)
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

impl Desk {
    fn command(&mut self, command: &str, argument: Value) -> Vec<String> {
        let request = Request::Execute { command: command.to_owned(), arguments: vec![argument] };
        self.handle(Event::Asked { ticket: Ticket(1), request })
    }

    /// Asks, lets everything happen that has to, and returns the reply.
    pub(super) fn page(&mut self, command: &str, argument: Value) -> Option<String> {
        self.replies.clear();
        self.command(command, argument);
        self.settle();
        match self.replies.as_slice() {
            [(_, Response::Page(text))] => text.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn refusal(&mut self, command: &str, argument: Value) -> String {
        self.replies.clear();
        self.command(command, argument);
        match self.replies.as_slice() {
            [(_, Response::Refused(reason))] => reason.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn content(&mut self, uri: &str) -> Vec<String> {
        let request = Request::Content { uri: Url::parse(uri).unwrap() };
        self.handle(Event::Asked { ticket: Ticket(2), request })
    }
}

#[test]
fn the_import_roots_stand_in_their_order_with_reasons_and_what_the_file_takes_from_each() {
    let mut desk = desk(&json!({}));
    desk.open("import os\nimport thing\nimport nowhere\nimport sys\n");
    snapshot("page-roots", &desk.page(ROOTS, Value::Null).unwrap());
}

#[test]
fn an_explanation_goes_through_every_root() {
    let mut desk = desk(&json!({}));
    desk.system.write(SITE, "");
    desk.open("import thing\n");
    snapshot("page-explain", &desk.page(EXPLAIN, json!({ "module": "thing" })).unwrap());
    // A module that nothing imports is looked for when it is asked for.
    let position = json!({ "uri": app(), "position": { "line": 0, "character": 9 } });
    assert_eq!(desk.page(EXPLAIN, position), desk.page(EXPLAIN, json!("thing")));
    let unknown = desk.page(EXPLAIN, json!("nowhere.at.all")).unwrap();
    assert!(unknown.starts_with("# Where `nowhere` comes from\n\n`nowhere` is not found in .venv.\n"), "{unknown}");
    let built_in = desk.page(EXPLAIN, json!("sys")).unwrap();
    assert!(built_in.contains("built into the interpreter") && !built_in.contains("## The search"), "{built_in}");
}

#[test]
fn a_part_that_a_package_lacks_is_said_to_be_lacking() {
    let mut desk = desk(&json!({}));
    desk.system.write("/home/user/.local/lib/python3.11/site-packages/thing/part.py", "");
    desk.open("import thing.nosuch\nimport thing.part\nimport os.nosuch\n");
    let page = desk.page(EXPLAIN, json!("thing.nosuch")).unwrap();
    let fact =
        "`thing.nosuch` is not there as a file: no file of that name in thing. `thing` comes from the user site.\n";
    assert!(page.starts_with(&format!("# Where `thing.nosuch` comes from\n\n{fact}")), "{page}");
    let page = desk.page(EXPLAIN, json!("thing.part")).unwrap();
    assert!(page.starts_with("# Where `thing` comes from\n\n`thing` comes from the user site.\n"), "{page}");
    let mut first_line = |line| {
        desk.replies.clear();
        let position = EditorPosition { line, character: 9 };
        desk.handle(Event::Asked { ticket: Ticket(7), request: Request::Hover { uri: app(), position } });
        desk.settle();
        match desk.replies.as_slice() {
            [(_, Response::Hover(Some(Hover { contents: HoverContents::Markup(markup), .. })))] => {
                markup.value.lines().next().unwrap_or_default().to_owned()
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(first_line(0), "thing.nosuch · no file of that name in thing");
    assert_eq!(first_line(1), "thing.part · the user site");
    assert_eq!(first_line(2), "os.nosuch · no file of that name, as os is no package");
}

#[test]
fn what_cannot_be_explained_is_refused() {
    let mut desk = desk(&json!({}));
    desk.open("import thing\nfrom . import x\n");
    desk.settle();
    let nowhere = json!({ "uri": app(), "position": { "line": 1, "character": 6 } });
    assert_eq!(desk.refusal(EXPLAIN, nowhere), "there is no absolute import at this place");
    assert!(desk.refusal(EXPLAIN, Value::Null).contains("takes a module"));
    assert!(desk.refusal(EXPLAIN, json!({ "module": "../../x" })).contains("no dotted name"));
    assert_eq!(desk.content("fromwhere-env:/../etc/passwd"), ["reply"]);
}

#[test]
fn a_document_that_is_shown_by_its_uri_stays_true() {
    let mut desk =
        desk(&json!({ "workspace": { "textDocumentContent": {} }, "window": { "showDocument": { "support": true } } }));
    desk.open("import thing\n");
    desk.settle();
    let uri = "fromwhere-env:/explain/thing.md?file=file%3A%2F%2F%2Fws%2Fapp.py";
    assert_eq!(desk.command(EXPLAIN, json!("thing")), [&format!("show {uri}"), "reply"]);
    assert_eq!(desk.content(uri), ["reply"]);
    desk.system.write(SITE, "");
    desk.handle(Event::Disk(vec![SITE.trim_end_matches("/__init__.py").into()]));
    desk.happened.clear();
    desk.settle();
    assert!(desk.happened.contains(&format!("refresh {uri}")), "{:?}", desk.happened);
    // Nothing new is said where nothing differs.
    desk.happened.clear();
    desk.handle(Event::Rescan);
    desk.settle();
    assert!(!desk.happened.iter().any(|it| it.starts_with("refresh")), "{:?}", desk.happened);
}

#[test]
fn a_client_that_can_show_only_files_gets_one_that_stays_true() {
    let mut desk = desk(&json!({ "window": { "showDocument": { "support": true } } }));
    desk.open("import thing\n");
    desk.settle();
    let shown = desk.command(ROOTS, Value::Null);
    assert!(shown[0].starts_with("write ") && shown[0].ends_with("/roots.md and show it"), "{shown:?}");
    make_environment(&mut desk.system, false);
    desk.handle(Event::Disk(vec!["/ws/.venv/pyvenv.cfg".into()]));
    desk.happened.clear();
    desk.settle();
    assert!(desk.happened.contains(&shown[0].replace(" and show it", "")), "{:?}", desk.happened);
    // Asked for the text alone, nothing is shown.
    let text = desk.page(ROOTS, json!({ "show": false })).unwrap();
    assert!(text.contains("whose packages are not seen"), "{text}");
}

#[test]
fn the_roots_of_a_workspace_are_found_before_a_file_is_open() {
    let mut desk = desk(&json!({}));
    let text = desk.page(ROOTS, Value::Null).unwrap();
    assert!(text.starts_with("# Import roots of `ws`\n\n.venv (venv) is in force: CPython 3.11.\n"), "{text}");
    let closed = desk.page(ROOTS, json!("file:///ws/src/closed.py")).unwrap();
    assert_eq!(closed, text);
}

#[test]
fn an_explanation_waits_for_the_settings_and_the_discovery() {
    let mut desk = Desk::new(world(), Value::Null);
    desk.open("import thing\n");
    assert_eq!(desk.command(EXPLAIN, json!("thing")), [""; 0]);
    desk.settle();
    assert!(matches!(desk.replies.as_slice(), [(_, Response::Page(Some(_)))]), "{:?}", desk.replies);
}

#[test]
fn an_import_is_offered_to_be_explained_where_a_document_can_be_shown() {
    let ask = |desk: &mut Desk| {
        let request = Request::Explanations { uri: app(), lines: (0, 1) };
        desk.handle(Event::Asked { ticket: Ticket(3), request });
        match desk.replies.pop() {
            Some((_, Response::Fixes(actions))) => serde_json::to_value(actions).unwrap(),
            other => panic!("{other:?}"),
        }
    };
    let mut silent = desk(&json!({}));
    silent.open("import thing\nfrom . import x\n");
    assert_eq!(ask(&mut silent), json!([]));
    let literals = json!({ "codeActionLiteralSupport": {} });
    let mut desk =
        desk(&json!({ "window": { "showDocument": { "support": true } }, "textDocument": { "codeAction": literals } }));
    desk.open("import thing\nfrom . import x\n");
    let title = "Explain the import of `thing`";
    let arguments = json!([{ "uri": "file:///ws/app.py", "module": "thing" }]);
    let command = json!({ "title": title, "command": EXPLAIN, "arguments": arguments });
    assert_eq!(ask(&mut desk), json!([{ "title": title, "kind": "source.fromwhere.explain", "command": command }]));
}
