//! Files that prepare machines, open in an editor.

use fromwhere::lsp::event::Event;
use tower_lsp::lsp_types::Url;

use super::at_rest;

#[test]
fn a_dockerfile_is_checked_as_it_is_typed() {
    let mut desk = at_rest();
    let uri = Url::from_file_path("/ws/Dockerfile").unwrap();
    let (language, text) = ("dockerfile".to_owned(), "FROM debian:12\nRUN pip install six\n".to_owned());
    desk.handle(Event::Opened { uri: uri.clone(), language, version: 1, text });
    desk.settle();
    assert_eq!(desk.codes_at(&uri), ["pip-externally-managed"]);
    let range = None;
    let text = "FROM debian:11\nRUN pip install six\n".to_owned();
    let changes = vec![fromwhere_core::text::Change { range, text }];
    desk.handle(Event::Changed { uri: uri.clone(), version: 2, changes });
    assert_eq!(desk.codes_at(&uri), Vec::<String>::new(), "at once");
    desk.handle(Event::Closed { uri });
    desk.settle();
    assert_eq!(desk.codes(), ["import-from-user-site"], "the other documents keep theirs");
}
