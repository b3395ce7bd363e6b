//! `pyvenv.cfg` in every state that people and tools leave it in, and in every place.

use camino::Utf8Path;

use super::compare::assert_equal;
use super::environments::{link, site_packages, temporary, write};
use super::python::{Start, all};

/// Texts of `pyvenv.cfg`; `HOME` stands for the base's `bin`, `FILE` for the base's executable.
const TEXTS: [&[u8]; 44] = [
    b"",
    b"\n\n",
    b"home = HOME\n",
    b"home = HOME",
    b"home=HOME\n",
    b"home  =  HOME  \n",
    b"home\t=\tHOME\t\n",
    b" home = HOME\n",
    b"HOME = HOME\n",
    b"Home = HOME\r\n",
    b"home = /nonexistent\n",
    b"home = /nonexistent\nhome = HOME\n",
    b"home = HOME\nhome = /nonexistent\n",
    b"#home = HOME\n",
    b"home = \n",
    b"home =\n",
    b"home\n",
    b"home = FILE\n",
    b"home = .\n",
    b"home = bin\n",
    b"home = ../../..\n",
    b"home = HOME/\n",
    b"home = HOME/../bin\n",
    b"home = /\n",
    b"\xef\xbb\xbfhome = HOME\ninclude-system-site-packages = false\n",
    b"\xef\xbb\xbfinclude-system-site-packages = false\nhome = HOME\n",
    b"home = HOME\ninclude-system-site-packages = true\n",
    b"home = HOME\ninclude-system-site-packages = false\n",
    b"home = HOME\ninclude-system-site-packages = TRUE\n",
    b"home = HOME\nInclude-System-Site-Packages = False\n",
    b"home = HOME\ninclude-system-site-packages = 1\n",
    b"home = HOME\ninclude-system-site-packages = yes\n",
    b"home = HOME\ninclude-system-site-packages =\n",
    b"home = HOME\ninclude-system-site-packages = \"true\"\n",
    b"home = HOME\ninclude-system-site-packages = true # yes\n",
    b"home = HOME\ninclude-system-site-packages = true\ninclude-system-site-packages = false\n",
    b"home = HOME\ninclude-system-site-packages = false\ninclude-system-site-packages = true\n",
    b"home = HOME\ninclude_system_site_packages = false\n",
    b"home = HOME\rinclude-system-site-packages = false\r",
    b"include-system-site-packages = false\x0bhome = HOME\n",
    b"home = HOME\n# caf\xe9\n",
    b"home = HOME\nprompt =\n= x\nversion = 2.7\n",
    b"home = HOME\nkey = a=b=c\n[section]\n",
    b"home = HOME = x\n",
];

#[test]
fn every_text_of_the_file() {
    let (_guard, root) = temporary();
    let mut starts = Vec::new();
    for python in all() {
        let base = python.executable.parent().unwrap();
        for (index, text) in TEXTS.iter().enumerate() {
            let text = replace(text, b"HOME", base.as_str().as_bytes());
            let text = replace(&text, b"FILE", python.executable.as_str().as_bytes());
            let text = if text.starts_with(base.as_str().as_bytes()) {
                // The key of the row that spells it in upper case.
                replace(&text, format!("{base} = ").as_bytes(), b"HOME = ")
            } else {
                text
            };
            let folder = root.join(format!("{}/{index}", python.name()));
            write(&folder.join("pyvenv.cfg"), &text);
            link(&folder.join("bin/python"), &python.executable);
            site_packages(&folder, &python);
            let shown = String::from_utf8_lossy(&text).into_owned();
            let start = Start::new(&folder.join("bin/python")).directory(&folder);
            starts.push((format!("{:?} {shown:?}", python.version), start.clone()));
            if index % 5 == 0 {
                starts.push((format!("{:?} {shown:?}", python.version), start.flags(&["-S"])));
            }
        }
    }
    assert_equal(starts);
}

#[test]
fn every_place_and_kind_of_the_file() {
    let (_guard, root) = temporary();
    let mut starts = Vec::new();
    for python in all() {
        let home = format!("home = {}\n", python.executable.parent().unwrap());
        let said = |what: &str| format!("{home}include-system-site-packages = {what}\n");
        let rows: [(&str, Option<&str>, Option<&str>); 6] = [
            ("beside", Some("false"), None),
            ("above", None, Some("true")),
            ("both", Some("false"), Some("true")),
            ("both the other way", Some("true"), Some("false")),
            ("directory above", Some("false"), Some("directory")),
            ("directory beside", Some("directory"), Some("false")),
        ];
        for (name, beside, above) in rows {
            for copied in [false, true] {
                let folder = root.join(format!("{}/{name} {copied}", python.name()));
                for (place, what) in [("bin/pyvenv.cfg", beside), ("pyvenv.cfg", above)] {
                    match what {
                        Some("directory") => std::fs::create_dir_all(folder.join(place)).unwrap(),
                        Some(what) => write(&folder.join(place), said(what)),
                        None => {}
                    }
                }
                place(&folder, &python.executable, copied);
                site_packages(&folder, &python);
                site_packages(&folder.join("bin"), &python);
                starts.push((format!("{:?} {name}", python.version), Start::new(&folder.join("bin/python"))));
            }
        }
        // Too large, and a line too long for C.
        for (name, text) in [
            ("large", format!("{}{}", said("false"), "# x\n".repeat(10_000))),
            ("limit", format!("{home}{}", "#".repeat(32 * 1024 - home.len()))),
            ("below the limit", format!("{home}{}", "#".repeat(32 * 1024 - home.len() - 1))),
            ("long line", format!("x = {}\n{}", "y".repeat(9_000), said("false"))),
        ] {
            for copied in [false, true] {
                let folder = root.join(format!("{}/{name} {copied}", python.name()));
                write(&folder.join("pyvenv.cfg"), &text);
                place(&folder, &python.executable, copied);
                starts.push((format!("{:?} {name} {copied}", python.version), Start::new(&folder.join("bin/python"))));
            }
        }
    }
    assert_equal(starts);
}

/// A `._pth` file is meant for Windows and works here too; it isolates, but after the variables were read.
#[test]
fn a_path_file_beside_the_binary() {
    let (_guard, root) = temporary();
    let mut starts = Vec::new();
    for python in all() {
        for (name, configuration) in [("alone", None), ("closed", Some("false")), ("open", Some("true"))] {
            let folder = root.join(format!("{}/{name}", python.name()));
            if let Some(what) = configuration {
                write(&folder.join("pyvenv.cfg"), format!("include-system-site-packages = {what}\n"));
            }
            place(&folder, &python.executable, true);
            write(&folder.join("bin/python._pth"), format!("{}\nimport site\n", python.library()));
            site_packages(&folder, &python);
            site_packages(&root.join("home/.local"), &python);
            let start = Start::new(&folder.join("bin/python")).variable("HOME", root.join("home"));
            for flags in [&[] as &[&str], &["-s"], &["-E"], &["-I"], &["-S"]] {
                let start = start.clone().flags(flags);
                starts.push((format!("{:?} {name}", python.version), start.clone()));
                for value in ["", "0", "1"] {
                    let start = start.clone().variable("PYTHONNOUSERSITE", value);
                    starts.push((format!("{:?} {name} {value:?}", python.version), start));
                }
            }
            let start = start.variable("PYTHONPATH", root.join("home")).variable("PYTHONHOME", "/nonexistent");
            starts.push((format!("{:?} {name} ignored", python.version), start));
        }
    }
    assert_equal(starts);
}

/// Puts an interpreter into an environment as `venv` does, with or without `--copies`.
fn place(folder: &Utf8Path, executable: &Utf8Path, copied: bool) {
    if copied {
        std::fs::create_dir_all(folder.join("bin")).unwrap();
        std::fs::copy(executable, folder.join("bin/python")).unwrap();
    } else {
        link(&folder.join("bin/python"), executable);
    }
}

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(from) {
            out.extend_from_slice(to);
            rest = after;
        } else {
            out.push(rest[0]);
            rest = &rest[1..];
        }
    }
    out
}
