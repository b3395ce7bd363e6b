//! One `.dist-info` or `.egg-info`.
//!
//! In: its path. Out: a [`Distribution`] (core metadata; PEP 376 for INSTALLER; PEP 610 for `direct_url.json`).
//!
//! **Invariant:** a file that is missing or broken costs its own fields, never the distribution: name and version also
//! stand in the file name.

use camino::{Utf8Path, Utf8PathBuf};

use super::{Distribution, Form};
use crate::system::System;

/// The headers stand at the beginning; what follows is the long description.
const HEADERS: usize = 16 * 1024;

pub(super) fn read(system: &dyn System, form: Form, path: &Utf8Path) -> Distribution {
    let headers = match form {
        Form::DistInfo => path.join("METADATA"),
        Form::EggInfo | Form::Egg => path.join("PKG-INFO"),
        Form::EggInfoFile => path.to_owned(),
    };
    let bytes = system.read_range(&headers, 0, HEADERS).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let named = match form {
        Form::Egg => path.parent().and_then(Utf8Path::file_name),
        Form::DistInfo | Form::EggInfo | Form::EggInfoFile => path.file_name(),
    };
    let (name, version) = split_file_name(named.unwrap_or_default());
    let installer = system.read_text(&path.join("INSTALLER")).ok();
    Distribution {
        name: header(&text, "name").unwrap_or(name).to_owned(),
        version: header(&text, "version").or(version).unwrap_or_default().to_owned(),
        installer: installer
            .and_then(|text| text.lines().next().map(|line| line.trim().to_owned()))
            .filter(|line| !line.is_empty()),
        editable: if form == Form::DistInfo { editable_project(system, path) } else { None },
        metadata: path.to_owned(),
    }
}

/// Where there are many, the requirements go on behind what is read for name and version.
const REQUIREMENTS: usize = 256 * 1024;

/// Returns the requirements: `Requires-Dist` of core metadata, else the lines of `requires.txt`.
pub(super) fn requirements(system: &dyn System, path: &Utf8Path) -> Vec<String> {
    if let Ok(bytes) = system.read_range(&path.join("METADATA"), 0, REQUIREMENTS) {
        let text = String::from_utf8_lossy(&bytes);
        let headers = text.lines().take_while(|line| !line.trim().is_empty());
        let fields = headers.filter_map(|line| line.split_once(':'));
        let fields = fields.filter(|(key, _)| key.eq_ignore_ascii_case("requires-dist"));
        return fields.map(|(_, value)| value.trim().to_owned()).collect();
    }
    let text = system.read_text(&path.join("requires.txt")).unwrap_or_default();
    let mut marker = String::new();
    let mut requirements = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            Some(section) => marker = marker_of(section),
            None => requirements.push(format!("{line}{marker}")),
        }
    }
    requirements
}

/// A section of `requires.txt` is `EXTRA:MARKER`, either of which may be left out (`setuptools._core_metadata`).
fn marker_of(section: &str) -> String {
    let (extra, condition) = section.split_once(':').unwrap_or((section, ""));
    match (extra.trim(), condition.trim()) {
        ("", "") => String::new(),
        ("", condition) => format!(" ; {condition}"),
        (extra, "") => format!(" ; extra == \"{extra}\""),
        (extra, condition) => format!(" ; ({condition}) and extra == \"{extra}\""),
    }
}

/// Returns the project directory that `direct_url.json` names for an editable install.
pub(super) fn editable_project(system: &dyn System, dist_info: &Utf8Path) -> Option<Utf8PathBuf> {
    let text = system.read_text(&dist_info.join("direct_url.json")).ok()?;
    let value: serde_json::Value = serde_json::from_str(&text).ok()?;
    if value.get("dir_info")?.get("editable")? != &serde_json::Value::Bool(true) {
        return None;
    }
    let url = value.get("url")?.as_str()?.strip_prefix("file://")?;
    let path = url.strip_prefix("localhost").unwrap_or(url);
    let path = percent_decoded(path).filter(|it| it.starts_with('/'))?;
    // `file:///C:/folder`
    let platform = system.platform();
    let with_drive = path.strip_prefix('/').filter(|it| platform.is_windows() && platform.is_absolute(it));
    Some(platform.path(with_drive.unwrap_or(&path)))
}

/// Splits `NAME-VERSION[-pyX.Y].EXTENSION`.
pub(super) fn split_file_name(file_name: &str) -> (&str, Option<&str>) {
    let stem = [".dist-info", ".egg-info", ".egg"].iter().find_map(|ending| file_name.strip_suffix(ending));
    let mut parts = stem.unwrap_or(file_name).split('-');
    (parts.next().unwrap_or_default(), parts.next())
}

fn header<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let headers = text.lines().take_while(|line| !line.trim().is_empty());
    let mut values = headers.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case(key).then(|| value.trim())
    });
    values.next().filter(|value| !value.is_empty())
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if let (b'%', [high, low, after @ ..]) = (first, after)
            && let Some(value) = hexadecimal(*high).zip(hexadecimal(*low)).map(|(high, low)| high * 16 + low)
        {
            bytes.push(value);
            rest = after;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
