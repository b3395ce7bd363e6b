//! Documents of our own: what they can be about, and how a client names one.
//!
//! In: the arguments of a command, or a URI of our scheme. Out: what is asked, and the URI and file name of a [`Subject`].
//!
//! **Invariant:** a module is a dotted Python name of bounded length, so it can stand in a URI, a file name and an import.

use std::hash::{Hash as _, Hasher as _};

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::text::EditorPosition;
use rustc_hash::FxHasher;
use serde_json::Value;
use tower_lsp::lsp_types::{Position, Url};
use url::form_urlencoded;

use crate::lsp::convert;

/// The scheme of documents whose content the client asks for (`workspace/textDocumentContent`, LSP 3.18).
pub const SCHEME: &str = "fromwhere-env";

const ROOTS_PATH: &str = "/roots.md";
const EXPLAIN_PATH: &str = "/explain/";
const EXTENSION: &str = ".md";
const FILE: &str = "file";
/// The longest name of a module that is explained; longer ones do not fit into a file name.
const LONGEST_NAME: usize = 200;

/// What a document is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The module that is explained; `None` for the import roots.
    pub module: Option<String>,
    /// The file that asks, where there is one.
    pub file: Option<Url>,
}

impl Subject {
    pub fn uri(&self) -> Option<Url> {
        let path = match &self.module {
            None => ROOTS_PATH.to_owned(),
            Some(module) => format!("{EXPLAIN_PATH}{module}{EXTENSION}"),
        };
        let mut uri = Url::parse(&format!("{SCHEME}:{path}")).ok()?;
        if let Some(file) = &self.file {
            uri.query_pairs_mut().append_pair(FILE, file.as_str());
        }
        Some(uri)
    }

    /// Reads a URI, also in the spelling of a client that escapes more than it has to.
    pub fn parse(uri: &Url) -> Option<Self> {
        if uri.scheme() != SCHEME {
            return None;
        }
        // Escapes in a path are those of a form, but for `+`, which no module has.
        let (path, _) = form_urlencoded::parse(uri.path().as_bytes()).next()?;
        let module = if path == ROOTS_PATH {
            None
        } else {
            let name = path.strip_prefix(EXPLAIN_PATH)?.strip_suffix(EXTENSION)?;
            Some(Some(name).filter(|name| is_module(name))?.to_owned())
        };
        let file = uri.query().and_then(file_asked).and_then(|file| Url::parse(&file).ok());
        Some(Subject { module, file })
    }

    /// Returns where the document lies below our own folder, for clients that can show only files.
    pub fn file_in(&self, project: &str) -> Utf8PathBuf {
        let mut hasher = FxHasher::default();
        project.hash(&mut hasher);
        let name = match &self.module {
            None => "roots.md".to_owned(),
            Some(module) => format!("{module}{EXTENSION}"),
        };
        let kind = if self.module.is_some() { "explain" } else { "" };
        Utf8Path::new(&format!("{:016x}", hasher.finish())).join(kind).join(name)
    }
}

/// What a command asks for; everything may be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub file: Option<Url>,
    pub position: Option<EditorPosition>,
    pub module: Option<String>,
    /// Whether to show the document; else it is only returned.
    pub show: bool,
}

/// Reads the arguments of a command: nothing, an object `{uri?, position?, module?, show?}`, or one string, which is a URI
/// or a module.
pub fn read(command: &str, arguments: &[Value]) -> Result<Asked, String> {
    let mut asked = Asked { file: None, position: None, module: None, show: true };
    let wrong = |what: &str| Err(format!("`{command}`: {what}"));
    match arguments {
        [] | [Value::Null] => {}
        [Value::String(text)] if is_module(text) => asked.module = Some(text.clone()),
        [Value::String(text)] => match Url::parse(text) {
            Ok(uri) => asked.file = Some(uri),
            Err(_) => return wrong("its argument is neither a URI nor a module"),
        },
        [Value::Object(object)] => {
            if let Some(uri) = object.get("uri").filter(|uri| !uri.is_null()) {
                match uri.as_str().map(Url::parse) {
                    Some(Ok(uri)) => asked.file = Some(uri),
                    _ => return wrong("`uri` is no URI"),
                }
            }
            if let Some(position) = object.get("position").filter(|position| !position.is_null()) {
                match serde_json::from_value::<Position>(position.clone()) {
                    Ok(position) => asked.position = Some(convert::editor_position(position)),
                    Err(_) => return wrong("`position` is no position"),
                }
            }
            match object.get("module") {
                None | Some(Value::Null) => {}
                Some(Value::String(name)) if is_module(name) => asked.module = Some(name.clone()),
                Some(_) => return wrong("`module` is no dotted name"),
            }
            asked.show = object.get("show").and_then(Value::as_bool).unwrap_or(true);
        }
        _ => return wrong("it takes one argument at most"),
    }
    Ok(asked)
}

/// Takes the file out of a query, also out of one whose `=` is escaped.
fn file_asked(query: &str) -> Option<String> {
    let named = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == FILE);
    if let Some((_, file)) = named {
        return Some(file.into_owned());
    }
    let (whole, _) = form_urlencoded::parse(query.as_bytes()).next()?;
    let (name, file) = whole.split_once('=')?;
    (name == FILE).then(|| file.to_owned())
}

/// Tells whether a text can name a module: words of letters, digits and `_`, with dots between them.
fn is_module(name: &str) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|it: char| it == '_' || it.is_alphabetic())
            && word.chars().all(|it| it == '_' || it.is_alphanumeric())
    };
    name.len() <= LONGEST_NAME && name.split('.').all(is_word)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn file(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_uri_names_what_it_was_made_from() {
        for (module, of) in [
            (None, None),
            (None, Some(file("file:///w/a%20b/caf%C3%A9+c&d=e.py"))),
            (Some("yaml"), Some(file("file:///w/app.py"))),
            (Some("größe.innen"), None),
        ] {
            let subject = Subject { module: module.map(str::to_owned), file: of };
            let uri = subject.uri().unwrap();
            assert_eq!(Subject::parse(&uri), Some(subject), "{uri}");
        }
        // VS Code decodes the query and escapes all of it again.
        let escaped = Url::parse("fromwhere-env:/roots.md?file%3Dfile%3A%2F%2F%2Fw%2Fa%2520b.py").unwrap();
        assert_eq!(Subject::parse(&escaped), Some(Subject { module: None, file: Some(file("file:///w/a%20b.py")) }));
        for refused in ["file:///roots.md", "fromwhere-env:/explain/..%2Fx.md", "fromwhere-env:/other.md"] {
            assert_eq!(Subject::parse(&Url::parse(refused).unwrap()), None, "{refused}");
        }
    }

    #[test]
    fn a_file_name_stays_below_its_folder() {
        let explained = Subject { module: Some("yaml".to_owned()), file: None };
        let path = explained.file_in("/ws");
        assert!(path.as_str().ends_with("/explain/yaml.md") && path.is_relative(), "{path}");
        assert_ne!(explained.file_in("/other"), path);
    }

    #[test]
    fn arguments_come_in_the_shapes_that_clients_can_make() {
        let read = |arguments: Value| read("c", arguments.as_array().unwrap());
        assert_eq!(read(json!([])).unwrap(), Asked { file: None, position: None, module: None, show: true });
        assert_eq!(read(json!(["yaml"])).unwrap().module.as_deref(), Some("yaml"));
        assert_eq!(read(json!(["file:///a.py"])).unwrap().file, Some(file("file:///a.py")));
        let whole = read(json!([{"uri": "file:///a.py", "position": {"line": 1, "character": 2}, "show": false}]));
        let whole = whole.unwrap();
        assert_eq!((whole.position, whole.show), (Some(EditorPosition { line: 1, character: 2 }), false));
        for refused in [
            json!([1]),
            json!(["a/b"]),
            json!([{"uri": 1}]),
            json!([{"position": 1}]),
            json!([{"module": "a\nimport b"}]),
            json!([{"module": "x".repeat(300)}]),
            json!([{}, {}]),
        ] {
            assert!(read(refused.clone()).is_err(), "{refused}");
        }
    }
}
