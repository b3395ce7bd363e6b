//! `.pth` files of all sorts, one environment for each.

use super::compare::assert_equal;
use super::environments::{link, site_packages, temporary, write};
use super::python::{Start, all};

/// Names and contents of files; `ROOT` stands for a folder with directories `A`, `B` and the archive `Z.zip`.
const ROWS: &[&[(&str, &[u8])]] = &[
    &[("x.pth", b"ROOT/A")],
    &[("x.pth", b"ROOT/A\r\nROOT/B\r\n")],
    &[("x.pth", b"ROOT/A\rROOT/B\r")],
    &[("x.pth", b"ROOT/A   \nROOT/B/\nROOT//A\n")],
    &[("x.pth", b"sub\n./sub/../sub\n")],
    &[("x.pth", b"  ROOT/A\n\tROOT/B\n")],
    &[("x.pth", b"  import sys; sys.path.append('ROOT/B')\nROOT/A\n")],
    &[("x.pth", b"ROOT/Z.zip\nROOT/missing\nROOT/file\n")],
    &[("x.pth", b"\"ROOT/A\"\n~/A\n$HOME/A\n")],
    &[("x.pth", b"\xef\xbb\xbfROOT/A\nROOT/B\n")],
    &[("x.pth", b"ROOT/\xe9\n")],
    &[("x.pth", "ROOT/A\x0cROOT/B\n".as_bytes())],
    &[("x.pth", "ROOT/A\u{2028}ROOT/B\u{85}ROOT/C\n".as_bytes())],
    &[(".h.pth", b"ROOT/A\n"), ("x.PTH", b"ROOT/B\n")],
    &[("B.pth", b"ROOT/B\n"), ("_z.pth", b"ROOT/C\n"), ("a.pth", b"ROOT/A\n")],
    &[("x.pth", b"ROOT/A\nimport nope_nope\nROOT/B\n"), ("y.pth", b"ROOT/C\n")],
    &[("x.pth", b"ROOT/A\nimport sys; sys.path.append(\nROOT/B\n")],
    &[("x.pth", b"import sys; sys.path.append('ROOT/B')\nROOT/A\n")],
    &[(
        "x.pth",
        b"import sys; sys.path.insert(0, 'ROOT/B'); sys.path.insert(-1, 'ROOT/C'); sys.path.insert(99, 'ROOT/A')\n",
    )],
    &[("x.pth", b"import sys; sys.path.extend(['ROOT/B', 'ROOT/missing', 'ROOT/B'])\nROOT/B\n")],
    &[("x.pth", b"import\tsys\nimport sys, os\nimportlib\nimport_x\nROOT/A\n")],
    &[("x.pth", b"import math, json; import zlib\nROOT/A\n")],
    &[("x.pth", b"import os; x = 1; y = [z for z in (1, 2)]\nROOT/A\n")],
    &[("a.pth", b"ROOT/B\n"), ("a.start", b"")],
    &[("a.pth", b"ROOT/B\nimport sys; sys.path.append('ROOT/A')\n"), ("a.start", b"")],
    &[("a.pth", b"import sys; sys.path.append('ROOT/A')\n"), ("a.start", b"# nothing\n\n")],
    &[("a.pth", b"import sys; sys.path.append('ROOT/A')\n"), ("a.start", b"\xef\xbb\xbfos:getcwd\n  os:getpid  \n")],
    &[("a.pth", b"import sys; sys.path.append('ROOT/A')\n"), ("a.start", b"# caf\xe9\n")],
    &[("a.pth", b"import sys; sys.path.append('ROOT/A')\n"), ("a.start", b"nope_nope:x\nnot an entry\nos:nope\n")],
    &[("a.pth", b"import sys; sys.path.append('ROOT/A')\n"), (".a.start", b""), ("a.START", b""), ("A.start", b"")],
    &[("a.pth", b"import sys; sys.path.append('ROOT/A')\n"), ("a.pth.start", b""), ("a.start.start", b"")],
    &[("a.b.pth", b"import sys; sys.path.append('ROOT/A')\n"), ("a.b.start", b""), ("a.start", b"ROOT/B\n")],
    &[("a.pth", b"import sys; sys.path.append('ROOT/A')\n"), ("a.start/x", b"")],
    &[("a.pth", b"ROOT/missing\nROOT/A\n"), ("b.pth", b"import sys; sys.path.append('ROOT/missing')\nROOT/missing\n")],
    &[("x.pth", b"\x0cROOT/A\n\x0b ROOT/B \x0c\n\xc2\xa0ROOT/C\xe3\x80\x80\n")],
    &[("x.pth", b"\x1cimport sys; sys.path.append('ROOT/A')\x1dROOT/B\x1eROOT/C\n")],
    &[("x.pth", b"\xef\xbb\xbfimport sys; sys.path.append('ROOT/A')\n\xef\xbb\xbfROOT/B\n")],
    &[("x.pth", b"\xef\xbb\xbf\xef\xbb\xbfROOT/A\n"), ("y.pth", b"\xef\xbb\xbf")],
    &[("x.pth", b"\xff\xfeR\0\n\0")],
    &[("x.pth", b"ROOT/A\0ROOT/B\nROOT/C\n")],
    &[("x.pth", b"ROOT/nest\n")],
    &[("x.pth", b"import site; site.addsitedir('ROOT/nest')\nROOT/A\n")],
    &[(
        "x.pth",
        b"import site; site.addsitedir(__import__(\"os\").fsdecode(b\"ROOT/nest\")); site.addsitedir('ROOT/A')\n",
    )],
    &[
        ("x.pth", b"ROOT/A\n"),
        ("y.pth", b"ROOT/A\nimport site; site.addsitedir('ROOT/nest')\n"),
        ("z.pth", b"ROOT/C\n"),
    ],
    &[("x.pth", b"#ROOT/A\n # ROOT/B\n\n   \nROOT/C\n")],
    &[("x.pth", b"..\n.\n../..\n")],
    &[("x.pth", b"import helper_in_here\nROOT/A\n"), ("helper_in_here.py", b"x = 1\n")],
    &[("easy-install.pth", b"ROOT/A\n"), ("x.egg-link", b"ROOT/B\n.\n")],
    &[("sitecustomize.py", b"x = 1\n"), ("x.pth", b"ROOT/A\n")],
];

#[test]
fn every_file_in_every_version() {
    let (_guard, root) = temporary();
    for name in ["A", "B", "C"] {
        std::fs::create_dir_all(root.join(name)).unwrap();
    }
    write(&root.join("Z.zip"), b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    write(&root.join("file"), "");
    write(&root.join("nest/n.pth"), format!("{root}/C\n"));
    let mut starts = Vec::new();
    for python in all() {
        for (index, files) in ROWS.iter().enumerate() {
            for system in ["true", "false"] {
                let folder = root.join(format!("{}/{index}/{system}", python.name()));
                let home = python.executable.parent().unwrap();
                write(&folder.join("pyvenv.cfg"), format!("home = {home}\ninclude-system-site-packages = {system}\n"));
                link(&folder.join("bin/python"), &python.executable);
                let site = site_packages(&folder, &python);
                std::fs::create_dir_all(site.join("sub")).unwrap();
                for (name, content) in *files {
                    let content = replace_root(content, root.as_str());
                    write(&site.join(name), content);
                }
                let executable = folder.join("bin/python");
                starts.push((format!("{:?} row {index}", python.version), Start::new(&executable)));
                if system == "true" {
                    let start = Start::new(&executable).variable("PYTHONPATH", format!("{root}/C:{site}"));
                    starts.push((format!("{:?} row {index} PYTHONPATH", python.version), start));
                }
            }
        }
    }
    assert_equal(starts);
}

/// A dangling link, a directory and an unreadable name among the files.
#[test]
fn what_cannot_be_read_is_passed_over() {
    let (_guard, root) = temporary();
    std::fs::create_dir_all(root.join("A")).unwrap();
    let mut starts = Vec::new();
    for python in all() {
        let folder = root.join(python.name());
        write(&folder.join("pyvenv.cfg"), "include-system-site-packages = false\n");
        link(&folder.join("bin/python"), &python.executable);
        let site = site_packages(&folder, &python);
        link(&site.join("a.pth"), "/nonexistent".into());
        link(&site.join("b.pth"), "b.pth".into());
        std::fs::create_dir_all(site.join("c.pth")).unwrap();
        write(&root.join(format!("real-{}", python.name())), format!("{root}/A\n"));
        link(&site.join("d.pth"), &root.join(format!("real-{}", python.name())));
        starts.push((format!("{:?}", python.version), Start::new(&folder.join("bin/python"))));
    }
    assert_equal(starts);
}

fn replace_root(content: &[u8], root: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = content;
    while let [first, after @ ..] = rest {
        if let Some(after) = rest.strip_prefix(b"ROOT") {
            out.extend_from_slice(root.as_bytes());
            rest = after;
        } else {
            out.push(*first);
            rest = after;
        }
    }
    out
}
