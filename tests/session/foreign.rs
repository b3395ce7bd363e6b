//! What "go to definition" opens: a Python's own library, and the stubs that type checkers bring along.
//!
//! **Invariant:** nothing is said of it, whatever Python is in force where it lies.

use fromwhere::lsp::effect::Response;
use fromwhere::lsp::event::{Event, Request, Ticket};
use fromwhere_core::text::EditorPosition;
use serde_json::Value;
use tower_lsp::lsp_types::Url;

use super::{Desk, at_rest, world};

fn at(path: &str) -> Url {
    Url::from_file_path(path).unwrap()
}

/// A Python that is not on `PATH`, as uv and pyenv have them.
const LIBRARY: &str = "/opt/python/lib/python3.13";

fn desk() -> Desk {
    let mut desk = at_rest();
    for name in ["os.py", "encodings/__init__.py", "random.py", "tempfile.py", "json/random.py", "json/tool.py"] {
        desk.system.write(format!("{LIBRARY}/{name}"), "");
    }
    desk.system.write("/usr/lib/python3.11/random.py", "");
    desk
}

#[test]
fn a_pythons_own_library_is_nobodys_project() {
    let mut desk = desk();
    for name in ["tempfile.py", "json/tool.py"] {
        let uri = at(&format!("{LIBRARY}/{name}"));
        desk.open_at(uri.clone(), "import random\nif __name__ == '__main__':\n    pass\n");
        let request = Request::Hover { uri: uri.clone(), position: EditorPosition { line: 0, character: 8 } };
        desk.handle(Event::Asked { ticket: Ticket(7), request });
        desk.settle();
        assert!(!desk.shown.contains_key(&uri), "{name}: {:?}", desk.shown);
        assert!(matches!(desk.replies.last(), Some((Ticket(7), Response::Hover(None)))));
        // It is asked about all the same.
        let argument = vec![serde_json::json!({ "uri": uri, "show": false })];
        let request = Request::Execute { command: "fromwhere.server.roots".to_owned(), arguments: argument };
        desk.handle(Event::Asked { ticket: Ticket(8), request });
        desk.settle();
        assert!(matches!(desk.replies.last(), Some((Ticket(8), Response::Page(Some(_))))), "{name}");
        desk.handle(Event::Closed { uri });
        desk.settle();
    }
    assert_eq!(desk.codes(), ["import-from-user-site"]);
    // A folder that is none has what it had before.
    desk.system.remove(format!("{LIBRARY}/encodings"));
    let uri = at(&format!("{LIBRARY}/tempfile.py"));
    desk.open_at(uri.clone(), "import random\nif __name__ == '__main__':\n    pass\n");
    desk.settle();
    assert_eq!(desk.codes_at(&uri), ["shadows-stdlib"]);
}

#[test]
fn stubs_from_elsewhere_are_not_checked_and_the_projects_own_are() {
    let mut desk = Desk::new(world(), Value::Null);
    desk.system.write("/elsewhere/.venv/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = true\n");
    desk.system.link("/elsewhere/.venv/bin/python", "/usr/bin/python3.11");
    for (path, expected) in [
        ("/elsewhere/stdlib/a.pyi", &[""; 0][..]),
        ("/elsewhere/stdlib/a.py", &["import-from-user-site"]),
        ("/ws/typings/a.pyi", &["import-from-user-site"]),
    ] {
        let uri = at(path);
        desk.open_at(uri.clone(), "import thing\n");
        desk.settle();
        assert!(desk.shown.contains_key(&uri), "{path}");
        assert_eq!(desk.codes_at(&uri), expected, "{path}");
    }
}
