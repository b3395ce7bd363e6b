//! The URI of a file, and the file of a URI, on each platform.
//!
//! In: a URI as editors send it, or a path. Out: the path, or the URI; nothing for what lies on no disk of that platform.
//!
//! **Invariant:** texts alone, and every platform's rules on every host: a drive is `file:///C:/a`, a share `file://server/a`.

use std::borrow::Cow;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere_core::system::Platform;
use percent_encoding::percent_decode_str;
use tower_lsp::lsp_types::Url;

/// Returns the path that a `file:` URI names. The scheme is not looked at.
pub fn path(uri: &Url, platform: Platform) -> Option<Utf8PathBuf> {
    let host = uri.host_str().filter(|host| !host.is_empty());
    let path = decoded(uri.path())?;
    if !platform.is_windows() {
        return (host.is_none() && path.starts_with('/')).then(|| Utf8PathBuf::from(path.into_owned()));
    }
    let path = path.replace('/', "\\");
    let names = path.strip_prefix('\\')?;
    let (first, below) = names.split_once('\\').unwrap_or((names, ""));
    let text = match host {
        // VS Code writes `wsl%24`.
        Some(host) => format!(r"\\{host}{path}"),
        None if is_drive(first) => format!(r"{first}\{below}"),
        // Neovim writes four slashes before a share, of which the parser of URIs leaves one.
        None => format!(r"\\{names}"),
    };
    let is_share = |share: &str| share.split('\\').take(2).filter(|name| !name.is_empty()).count() == 2;
    text.strip_prefix(r"\\").is_none_or(is_share).then(|| text.into())
}

/// Returns the path of the notebook that a cell belongs to. What stands for a host is that of a share, or else a remote that
/// the editor has reached, on which this program runs too.
pub fn path_of_notebook(cell: &Url, platform: Platform) -> Option<Utf8PathBuf> {
    let mut file = Url::parse("file:///").ok()?;
    file.set_path(cell.path());
    let first = file.path_segments().and_then(|mut names| names.next().map(str::to_owned))?;
    if platform.is_windows() && !is_drive(&decoded(&first)?) {
        file.set_host(cell.host_str()).ok()?;
    }
    path(&file, platform)
}

/// Returns the URI of an absolute path.
pub fn of(path: &Utf8Path, platform: Platform) -> Option<Url> {
    let mut uri = Url::parse("file:///").ok()?;
    if !platform.is_windows() {
        let path = path.as_str().strip_prefix('/')?;
        fill(&mut uri, path.split('/'));
        return Some(uri);
    }
    let text = path.as_str().replace('/', "\\");
    let text = match text.strip_prefix(r"\\?\") {
        Some(verbatim) => match verbatim.strip_prefix(r"UNC\") {
            Some(share) => Cow::Owned(format!(r"\\{share}")),
            None => Cow::Borrowed(verbatim),
        },
        None => Cow::Borrowed(&*text),
    };
    if let Some(share) = text.strip_prefix(r"\\").filter(|it| !it.starts_with(['.', '?'])) {
        let (server, below) = share.split_once('\\')?;
        uri.set_host(Some(server)).ok()?;
        fill(&mut uri, below.split('\\'));
        return Some(uri);
    }
    let (drive, below) = text.split_once('\\')?;
    is_drive(drive).then_some(())?;
    fill(&mut uri, std::iter::once(drive).chain(below.split('\\')));
    if uri.path().len() == "/C:".len() {
        uri.set_path(&format!("/{drive}/"));
    }
    Some(uri)
}

/// Takes the names of a path as its segments; a name is what it is, `..` alone leads up.
fn fill<'n>(uri: &mut Url, names: impl Iterator<Item = &'n str>) {
    if let Ok(mut segments) = uri.path_segments_mut() {
        segments.clear();
        for name in names.filter(|name| !matches!(*name, "" | ".")) {
            if name == ".." {
                segments.pop();
            } else {
                segments.push(name);
            }
        }
    }
}

fn decoded(text: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(text).decode_utf8().ok().filter(|it| !it.contains('\0'))
}

fn is_drive(name: &str) -> bool {
    matches!(name.as_bytes(), [letter, b':'] if letter.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Platform::{Linux, Windows};

    fn read(uri: &str, platform: Platform) -> Option<String> {
        path(&Url::parse(uri).unwrap(), platform).map(Utf8PathBuf::into_string)
    }

    #[test]
    fn editors_write_drives_and_shares_in_many_ways() {
        for (uri, expected) in [
            // VS Code; Helix and Sublime; Neovim; `vim-lsp` and others.
            ("file:///c%3A/Users/u/app.py", Some(r"c:\Users\u\app.py")),
            ("file:///C:/Users/u/app.py", Some(r"C:\Users\u\app.py")),
            ("file://C:/Users/u/app.py", Some(r"C:\Users\u\app.py")),
            ("file:///C:%5CUsers%5Cu%5Capp.py", Some(r"C:\Users\u\app.py")),
            ("file:///c%3A/%C3%9Cben/a%20b%23%25.py", Some(r"c:\Üben\a b#%.py")),
            ("file:///C:/", Some(r"C:\")),
            ("file:///C:", Some(r"C:\")),
            ("file://localhost/C:/x", Some(r"C:\x")),
            ("file://server/share/app.py", Some(r"\\server\share\app.py")),
            ("file://Server/Share/app.py", Some(r"\\server\Share\app.py")),
            ("file://wsl.localhost/Ubuntu/home/u/app.py", Some(r"\\wsl.localhost\Ubuntu\home\u\app.py")),
            ("file://wsl%24/Ubuntu/home/u/app.py", Some(r"\\wsl$\Ubuntu\home\u\app.py")),
            ("file:////server/share/app.py", Some(r"\\server\share\app.py")),
            ("file:////%3F/C:/x.py", Some(r"\\?\C:\x.py")),
            // What is no file there.
            ("file://server/", None),
            ("file:////server", None),
            ("file:///app.py", None),
            ("file:///", None),
            ("file:///C:/%FF.py", None),
            ("file:///C:/a%00b", None),
        ] {
            assert_eq!(read(uri, Windows).as_deref(), expected, "{uri}");
        }
        for (uri, expected) in [
            ("file:///home/u/a%20b%5C.py", Some(r"/home/u/a b\.py")),
            ("file://localhost/x", Some("/x")),
            ("file://server/share/x", None),
            ("file:///%FF", None),
        ] {
            assert_eq!(read(uri, Linux).as_deref(), expected, "{uri}");
        }
    }

    #[test]
    fn a_cell_has_the_path_of_its_notebook() {
        for (platform, cell, expected) in [
            (Windows, "vscode-notebook-cell:/c%3A/ws/n.ipynb#W0sZmlsZQ%3D%3D", r"c:\ws\n.ipynb"),
            (Windows, "vscode-notebook-cell://ssh-remote%2Bhost/c%3A/ws/n.ipynb#W0", r"c:\ws\n.ipynb"),
            (Windows, "vscode-notebook-cell://wsl%24/Ubuntu/n.ipynb#W0", r"\\wsl$\Ubuntu\n.ipynb"),
            (Linux, "vscode-notebook-cell:/ws/a%20b.ipynb#W0sZmlsZQ%3D%3D", "/ws/a b.ipynb"),
            (Linux, "vscode-notebook-cell://127.0.0.1:8080/ws/n.ipynb#W0", "/ws/n.ipynb"),
        ] {
            let found = path_of_notebook(&Url::parse(cell).unwrap(), platform);
            assert_eq!(found.as_deref(), Some(Utf8Path::new(expected)), "{cell}");
        }
    }

    #[test]
    fn a_path_has_one_uri_and_comes_back_from_it() {
        for (platform, path, expected) in [
            (Windows, r"C:\ws\app.py", Some("file:///C:/ws/app.py")),
            (Windows, r"C:\", Some("file:///C:/")),
            (Windows, r"C:\Üben\a b#%.py", Some("file:///C:/%C3%9Cben/a%20b%23%25.py")),
            (Windows, r"\\server\share\app.py", Some("file://server/share/app.py")),
            (Windows, r"\\wsl$\Ubuntu\home\u\app.py", Some("file://wsl$/Ubuntu/home/u/app.py")),
            (Windows, r"\\wsl.localhost\Ubuntu\x", Some("file://wsl.localhost/Ubuntu/x")),
            (Windows, r"ws\app.py", None),
            (Windows, r"\ws\app.py", None),
            (Windows, r"\\.\pipe\x", None),
            (Windows, r"\\?\Volume{b75e2c83}\x", None),
            (Linux, "/ws/a b\\#%.py", Some("file:///ws/a%20b%5C%23%25.py")),
            (Linux, "/", Some("file:///")),
            (Linux, "app.py", None),
        ] {
            let uri = of(path.into(), platform);
            assert_eq!(uri.as_ref().map(Url::as_str), expected, "{path}");
            if let Some(uri) = uri {
                assert_eq!(super::path(&uri, platform).as_deref(), Some(Utf8Path::new(path)), "{uri}");
            }
        }
        for (path, same) in [
            (r"\\?\C:\x.py", r"C:\x.py"),
            (r"\\?\UNC\server\share\x", r"\\server\share\x"),
            ("C:/ws/.pixi/envs\\default", r"C:\ws\.pixi\envs\default"),
        ] {
            assert_eq!(of(path.into(), Windows), of(same.into(), Windows), "{path}");
        }
    }

    /// What the library has of this host only.
    #[cfg(unix)]
    #[test]
    fn on_posix_systems_it_is_as_the_library_has_it() {
        for name in ["", "a", "a b/\u{fc}\u{1d431}/#?%;[]{}^`|~\"<>'&=+$,@!*():.py", "a//b/./c"] {
            let path = format!("/{name}");
            let its = Url::from_file_path(&path).unwrap();
            assert_eq!(of((&*path).into(), Linux).unwrap(), its, "{path}");
            let back = its.to_file_path().unwrap();
            assert_eq!(super::path(&its, Linux).unwrap().into_std_path_buf(), back, "{path}");
        }
    }
}
