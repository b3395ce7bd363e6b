//! Files that are run as scripts: what lies beside them is found first, as it comes and goes.

use fromwhere::lsp::effect::Response;
use fromwhere::lsp::event::{Event, Request, Ticket};
use fromwhere_core::text::EditorPosition;
use tower_lsp::lsp_types::{HoverContents, Url};

use super::{Desk, at_rest};

/// A module beside the script, with the name of one in the user site.
pub(super) const SIBLING: &str = "/ws/scripts/thing.py";

pub(super) fn script() -> Url {
    Url::from_file_path("/ws/scripts/run.py").unwrap()
}

impl Desk {
    fn hover_at(&mut self, ticket: u64, uri: Url) -> String {
        let request = Request::Hover { uri, position: EditorPosition { line: 0, character: 8 } };
        self.handle(Event::Asked { ticket: Ticket(ticket), request });
        match self.replies.last() {
            Some((Ticket(replied), Response::Hover(Some(hover)))) if *replied == ticket => match &hover.contents {
                HoverContents::Markup(markup) => markup.value.clone(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_module_beside_the_script_comes_and_goes() {
    let mut desk = at_rest();
    desk.open_at(script(), "import thing\n");
    desk.settle();
    assert_eq!(desk.codes_at(&script()), ["import-from-user-site"]);
    desk.system.write(SIBLING, "");
    desk.handle(Event::Disk(vec![SIBLING.into()]));
    desk.settle();
    assert_eq!(desk.codes_at(&script()), Vec::<String>::new());
    assert_eq!(desk.codes(), ["import-from-user-site"], "only the files of that folder see it");
    assert!(desk.hover_at(1, script()).contains("this project"));
    assert!(!desk.hover_at(2, super::app()).contains("this project"));
    desk.system.remove(SIBLING);
    desk.handle(Event::Disk(vec![SIBLING.into()]));
    desk.settle();
    assert_eq!(desk.codes_at(&script()), ["import-from-user-site"]);
}

#[test]
fn a_script_that_is_opened_later_is_answered_by_itself() {
    let mut desk = at_rest();
    desk.system.write(SIBLING, "");
    assert_eq!(desk.open_at(script(), "import thing\n"), ["locate /ws/scripts"]);
    // What is known of the other folder says nothing about this one.
    assert_eq!(desk.work(0), ["answer thing"]);
    desk.settle();
    assert_eq!(desk.shown[&script()].1, []);
    assert_eq!(desk.codes(), ["import-from-user-site"]);
}

#[test]
fn a_text_that_nests_too_deep_is_logged_once() {
    let mut desk = at_rest();
    let deep = format!("import thing\nx = {} import", "(".repeat(200_000));
    desk.open_at(script(), &deep);
    desk.edit(None, &deep);
    desk.edit(None, &format!("{deep}("));
    let of = |path: &str| {
        let line = format!("{path}: nests too deep, so its imports were not read");
        desk.logged.iter().filter(|logged| **logged == line).count()
    };
    assert_eq!((of("/ws/scripts/run.py"), of("/ws/app.py")), (1, 1));
}

#[test]
fn a_link_is_answered_where_it_leads() {
    let mut desk = at_rest();
    desk.system.write(SIBLING, "").write("/ws/scripts/run.py", "").link("/ws/bin/run.py", "../scripts/run.py");
    let link = Url::from_file_path("/ws/bin/run.py").unwrap();
    desk.open_at(link.clone(), "import thing\n");
    desk.settle();
    assert_eq!(desk.codes_at(&link), Vec::<String>::new());
    assert!(desk.hover_at(1, link.clone()).contains("this project"));
    // A file of its own is no link any more.
    desk.system.remove("/ws/bin/run.py").write("/ws/bin/run.py", "");
    desk.handle(Event::Disk(vec!["/ws/bin/run.py".into()]));
    desk.settle();
    assert_eq!(desk.codes_at(&link), ["import-from-user-site"]);
}
