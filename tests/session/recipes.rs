//! Files that prepare machines, open in an editor.

use fromwhere::lsp::event::Event;
use serde_json::{Value, json};
use tower_lsp::lsp_types::Url;

use super::{Desk, at_rest, world};

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

#[test]
fn a_script_without_a_suffix_is_known_by_its_first_line() {
    let mut desk = at_rest();
    let uri = Url::from_file_path("/ws/bootstrap").unwrap();
    let (language, text) = ("shellscript".to_owned(), "#!/bin/bash\nsudo pip install six\n".to_owned());
    desk.handle(Event::Opened { uri: uri.clone(), language, version: 1, text });
    desk.settle();
    assert_eq!(desk.codes_at(&uri), ["pip-externally-managed"]);
}

#[test]
fn what_apt_has_is_offered_once_its_lists_are_read() {
    let capabilities = json!({
        "textDocument": { "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } } },
    });
    let mut desk = Desk::with_client(world(), Value::Null, &capabilities);
    desk.system.write("/var/lib/apt/lists/deb_Packages", "Package: python3-six\n");
    let uri = Url::from_file_path("/ws/Dockerfile").unwrap();
    let (language, text) = ("dockerfile".to_owned(), "FROM debian:12\nRUN pip install six\n".to_owned());
    let opened =
        desk.handle(Event::Opened { uri: uri.clone(), language: language.clone(), version: 1, text: text.clone() });
    assert!(opened.contains(&"packages".to_owned()), "{opened:?}");
    desk.settle();
    assert!(desk.titles_at(&uri, 1).iter().any(|it| it.ends_with("`apt-get install -y python3-six`")));
    let other = Url::from_file_path("/ws/other/Dockerfile").unwrap();
    let opened = desk.handle(Event::Opened { uri: other, language, version: 1, text });
    assert!(!opened.contains(&"packages".to_owned()), "they are read once: {opened:?}");
}
