//! `pyvenv.cfg` in every state that people and tools leave it in, and in every place.

use camino::Utf8Path;

use super::super::environments::{link, place, replaced, site_packages, write};
use super::super::python::{Python, Start, all};
use super::super::scope;
use super::{Environment, Habitat, Visit};

/// Texts of `pyvenv.cfg`; `@BIN` stands for the base's `bin`, `@FILE` for its executable, `@PREFIX` for its prefix, `@HERE`
/// for the environment's folder.
pub(in super::super) const TEXTS: &[&[u8]] = &[
    b"",
    b"\n\n",
    b"home = @BIN\n",
    b"home = @BIN",
    b"home=@BIN\n",
    b"home  =  @BIN  \n",
    b"home\t=\t@BIN\t\n",
    b" home = @BIN\n",
    b"HOME = @BIN\n",
    b"Home = @BIN\r\n",
    b"home = /nonexistent\n",
    b"home = /nonexistent\nhome = @BIN\n",
    b"HOME = /nonexistent\nhome = @BIN\n",
    b"home = @BIN\nhome = /nonexistent\n",
    b"#home = @BIN\n",
    b"# home = /nonexistent\nhome = @BIN\n",
    b"; home = /nonexistent\n; x\nhome = @BIN\n",
    b"home = @BIN # the base\n",
    b"home = \"@BIN\"\n",
    b"home: @BIN\n",
    b"home @BIN\n",
    b"home = \n",
    b"home =\n",
    b"home\n",
    b"= home\n",
    b"==\nhome == @BIN\n",
    b"home = @FILE\n",
    b"home = @PREFIX\n",
    b"home = @PREFIX/lib\n",
    b"home = @HERE\n",
    b"home = @HERE/bin\n",
    b"home = .\n",
    b"home = bin\n",
    b"home = ./bin/\n",
    b"home = ../../..\n",
    b"home = @BIN/\n",
    b"home = @BIN/.\n",
    b"home = @BIN/../bin\n",
    b"home = @BIN//..//bin\n",
    b"home = //@BIN\n",
    b"home = /\n",
    b"home = /usr\n",
    b"home = /bin\n",
    b"home = /etc/hostname\n",
    b"home = ~/bin\n",
    b"home = $HOME/bin\n",
    b"\xef\xbb\xbfhome = @BIN\ninclude-system-site-packages = false\n",
    b"\xef\xbb\xbfinclude-system-site-packages = false\nhome = @BIN\n",
    b"\xff\xfeh\0o\0m\0e\0",
    b"home = @BIN\ninclude-system-site-packages = true\n",
    b"home = @BIN\ninclude-system-site-packages = false\n",
    b"include-system-site-packages = false\n",
    b"include-system-site-packages = true\n",
    b"include-system-site-packages = false",
    b"home = @BIN\ninclude-system-site-packages = TRUE\n",
    b"home = @BIN\nInclude-System-Site-Packages = False\n",
    b"home = @BIN\nINCLUDE-SYSTEM-SITE-PACKAGES=FALSE\n",
    b"home = @BIN\ninclude-system-site-packages = 1\n",
    b"home = @BIN\ninclude-system-site-packages = 0\n",
    b"home = @BIN\ninclude-system-site-packages = yes\n",
    b"home = @BIN\ninclude-system-site-packages = on\n",
    b"home = @BIN\ninclude-system-site-packages =\n",
    b"home = @BIN\ninclude-system-site-packages\n",
    b"home = @BIN\ninclude-system-site-packages: false\n",
    b"home = @BIN\ninclude-system-site-packages = \"true\"\n",
    b"home = @BIN\ninclude-system-site-packages = true # yes\n",
    b"home = @BIN\ninclude-system-site-packages = true;\n",
    b"home = @BIN\ninclude-system-site-packages\t=\tfalse\t\n",
    b"home = @BIN\n\tinclude-system-site-packages = false\n",
    b"home = @BIN\ninclude-system-site-packages = false\x0c\n",
    b"home = @BIN\ninclude-system-site-packages = true\0\n",
    b"home = @BIN\ninclude-system-site-packages =\xc2\xa0true\xe3\x80\x80\n",
    b"home = @BIN\ninclude-system-site-pac\xe2\x84\xaaages = false\n",
    b"home = @BIN\ninclude-system-site-packages = true\ninclude-system-site-packages = false\n",
    b"home = @BIN\ninclude-system-site-packages = false\ninclude-system-site-packages = true\n",
    b"home = @BIN\ninclude-system-site-packages = false\ninclude-system-site-packages =\n",
    b"home = @BIN\ninclude_system_site_packages = false\n",
    b"home = @BIN\nsystem-site-packages = false\n",
    b"home = @BIN\rinclude-system-site-packages = false\r",
    b"home = @BIN\n\rinclude-system-site-packages = false\r\r\n",
    b"include-system-site-packages = false\x0bhome = @BIN\n",
    b"include-system-site-packages = false\xc2\x85home = @BIN\n",
    b"include-system-site-packages = false\xe2\x80\xa8home = @BIN\n",
    b"\xc2\xa0home\xe3\x80\x80=\xc2\xa0@BIN\n",
    b"home = @BIN\0\n",
    b"home = @BIN\n# caf\xe9\n",
    b"home = @BIN\n# caf\xc3\xa9\nprompt = \xf0\x9f\x90\x8d\n",
    b"home = @BIN\nprompt =\n= x\nversion = 2.7\n",
    b"home = @BIN\nkey = a=b=c\n[section]\n",
    b"[venv]\nhome = @BIN\ninclude-system-site-packages = false\n",
    b"home = @BIN = x\n",
    b"home = @BIN\nhome = @BIN/python\nversion_info = 2.7.18\nimplementation = PyPy\nbase-prefix = /nonexistent\n",
    b"home = @BIN\nexecutable = /nonexistent/python\nbase-executable = /nonexistent/python\ncommand = x\n",
    b"home = @BIN\nextends-environment = /nonexistent\nrelocatable = true\nseed = true\nuv = 99\n",
];

pub(super) fn habitats() -> Vec<Habitat> {
    let pythons = all();
    let count = pythons.len();
    let mut habitats = Vec::new();
    for (number, python) in pythons.into_iter().enumerate() {
        let (texts, places, isolating) = (python.clone(), python.clone(), python.clone());
        habitats.push(Habitat::new(format!("texts of {}", python.name()), move |root, found| {
            // The part asks one Python for each text.
            let chosen = (0..TEXTS.len()).filter(|it| scope::is_whole() || it % count == number);
            chosen.for_each(|it| with_text(&texts, root, it, found));
        }));
        // Of the rest, the part asks the newest Python alone.
        if !scope::is_whole() && number + 1 < count {
            continue;
        }
        habitats.push(Habitat::new(format!("places of {}", python.name()), move |root, found| {
            in_places(&places, root, found);
        }));
        habitats.push(Habitat::new(format!("limits of {}", python.name()), move |root, found| {
            at_the_limits(&python, root, found);
        }));
        habitats.push(Habitat::new(format!("._pth of {}", isolating.name()), move |root, found| {
            isolated(&isolating, root, found);
        }));
    }
    habitats
}

/// Returns a text of [`TEXTS`] as it is for one Python in one folder.
pub(in super::super) fn filled(text: &[u8], python: &Python, folder: &Utf8Path) -> Vec<u8> {
    let base = python.executable.parent().unwrap();
    let prefix = base.parent().unwrap();
    let values = [("@BIN", base), ("@FILE", &python.executable), ("@PREFIX", prefix), ("@HERE", folder)];
    values.into_iter().fold(text.to_vec(), |text, (name, value)| replaced(&text, name, value.as_str()))
}

/// Two environments with the same text: in one the program is a link, in the other a copy.
fn with_text(python: &Python, root: &Utf8Path, index: usize, found: &mut Visit) {
    for copied in [false, true] {
        if !scope::is_whole() && copied == index.is_multiple_of(2) {
            continue;
        }
        let folder = root.join(format!("{index}-{copied}"));
        let text = filled(TEXTS[index], python, &folder);
        write(&folder.join("pyvenv.cfg"), &text);
        place(&folder, &python.executable, copied);
        write(&site_packages(&folder, python).join("own.py"), "");
        let start = Start::new(&folder.join("bin/python")).directory(&folder);
        let again = index.is_multiple_of(5).then(|| start.clone().flags(&["-S"]));
        let name = format!("{:?}, copied: {copied}", String::from_utf8_lossy(&text));
        found.push(Environment::new(name, start).again(again));
    }
}

fn in_places(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let home = format!("home = {}\n", python.executable.parent().unwrap());
    let said = |what: &str| format!("{home}include-system-site-packages = {what}\n");
    let rows: [(&str, Option<&str>, Option<&str>); 10] = [
        ("beside", Some("false"), None),
        ("above", None, Some("true")),
        ("both", Some("false"), Some("true")),
        ("both the other way", Some("true"), Some("false")),
        ("directory above", Some("false"), Some("directory")),
        ("directory beside", Some("directory"), Some("false")),
        ("dangling above", Some("false"), Some("dangling")),
        ("dangling beside", Some("dangling"), Some("false")),
        ("a loop above", None, Some("loop")),
        ("a link above", None, Some("link")),
    ];
    for (name, beside, above) in rows {
        for copied in [false, true] {
            let folder = root.join(format!("{name} {copied}"));
            for (at, what) in [("bin/pyvenv.cfg", beside), ("pyvenv.cfg", above)] {
                let at = folder.join(at);
                match what {
                    Some("directory") => std::fs::create_dir_all(&at).unwrap(),
                    Some("dangling") => link(&at, "/nonexistent".into()),
                    Some("loop") => link(&at, "pyvenv.cfg".into()),
                    Some("link") => {
                        write(&folder.join("elsewhere/configuration"), said("false"));
                        link(&at, "elsewhere/configuration".into());
                    }
                    Some(what) => write(&at, said(what)),
                    None => {}
                }
            }
            place(&folder, &python.executable, copied);
            write(&site_packages(&folder, python).join("own.py"), "");
            write(&site_packages(&folder.join("bin"), python).join("of_bin.py"), "");
            let start = Start::new(&folder.join("bin/python"));
            found.push(Environment::new(format!("{name}, copied: {copied}"), start));
        }
    }
    // The file of an environment around it is nobody's.
    for (name, folder) in [("two above", "outer/one/two"), ("beside its folder", "outer/one")] {
        write(&root.join("outer/pyvenv.cfg"), said("false"));
        let folder = root.join(folder);
        place(&folder, &python.executable, false);
        write(&site_packages(&folder, python).join("own.py"), "");
        found.push(Environment::new(name, Start::new(&folder.join("bin/python"))));
    }
}

/// Too large, and a line too long for C.
fn at_the_limits(python: &Python, root: &Utf8Path, found: &mut Visit) {
    let home = format!("home = {}\n", python.executable.parent().unwrap());
    let closed = format!("{home}include-system-site-packages = false\n");
    for (name, text) in [
        ("large", format!("{closed}{}", "# x\n".repeat(10_000))),
        ("limit", format!("{home}{}", "#".repeat(32 * 1024 - home.len()))),
        ("below the limit", format!("{home}{}", "#".repeat(32 * 1024 - home.len() - 1))),
        ("long line", format!("x = {}\n{closed}", "y".repeat(9_000))),
        ("line as long as may be", format!("x = {}\n{closed}", "y".repeat(8_187))),
        ("long value", format!("home = /{}\n{closed}", "y".repeat(5_000))),
        ("many homes", format!("{}{closed}", "home = /nonexistent\n".repeat(300))),
    ] {
        for copied in [false, true] {
            let folder = root.join(format!("{name} {copied}"));
            write(&folder.join("pyvenv.cfg"), &text);
            place(&folder, &python.executable, copied);
            let start = Start::new(&folder.join("bin/python"));
            found.push(Environment::new(format!("{name}, copied: {copied}"), start));
        }
    }
}

/// A `._pth` file is meant for Windows and works here too; it isolates, but after the variables were read.
fn isolated(python: &Python, root: &Utf8Path, found: &mut Visit) {
    for (name, configuration) in [("alone", None), ("closed", Some("false")), ("open", Some("true"))] {
        let folder = root.join(name);
        if let Some(what) = configuration {
            write(&folder.join("pyvenv.cfg"), format!("include-system-site-packages = {what}\n"));
        }
        place(&folder, &python.executable, true);
        write(&folder.join("bin/python._pth"), format!("{}\nimport site\n", python.library()));
        write(&site_packages(&folder, python).join("own.py"), "");
        site_packages(&root.join("home/.local"), python);
        let start = Start::new(&folder.join("bin/python")).variable("HOME", root.join("home"));
        let mut again = Vec::new();
        let flags: &[&[&'static str]] = &[&[], &["-s"], &["-E"], &["-I"], &["-S"]];
        for flags in flags.iter().take(if scope::is_whole() { flags.len() } else { 2 }) {
            for value in ["", "0", "1"] {
                again.push(start.clone().flags(flags).variable("PYTHONNOUSERSITE", value));
            }
        }
        again.push(start.clone().variable("PYTHONPATH", root.join("home")).variable("PYTHONHOME", "/nonexistent"));
        found.push(Environment::new(name, start).again(again));
    }
    for (name, file, text) in [
        ("empty", "python._pth", String::new()),
        ("no site", "python._pth", format!("{0}\n{0}/lib-dynload\n", python.library())),
        ("comments", "python._pth", format!("# x\n{} # y\n\n  .  \n../lib\nimport site # z\n", python.library())),
        (
            "nowhere, and twice",
            "python._pth",
            format!("nowhere\n{0}\n{0}\n\n#.\n# ..\n..\n{0}\nimport site\n", Python::library(python)),
        ),
        ("import of another", "python._pth", format!("{}\nimport os\n", python.library())),
        ("another's", "python3._pth", format!("{}\nimport site\n", python.library())),
        ("at the limit", "python._pth", padded(python, 32 * 1024)),
        ("below the limit", "python._pth", padded(python, 32 * 1024 - 1)),
        ("its links'", "real._pth", format!("{}\nimport site\n", python.library())),
    ] {
        let folder = root.join(format!("file {name}"));
        place(&folder, &python.executable, true);
        std::fs::rename(folder.join("bin/python"), folder.join("bin/real")).unwrap();
        link(&folder.join("bin/python"), "real".into());
        write(&folder.join("bin").join(file), text);
        write(&folder.join("lib/of_lib.py"), "");
        write(&folder.join("bin/of_bin.py"), "");
        found.push(Environment::new(name, Start::new(&folder.join("bin/python"))));
    }
    // The same library once more in front of it: what the path began with is loaded, and so is what a failing line reports with.
    let folder = root.join("put in front");
    write(&folder.join("pyvenv.cfg"), "");
    place(&folder, &python.executable, true);
    write(&folder.join("bin/python._pth"), format!("{}\nimport site\n", python.library()));
    link(&root.join("again"), &python.library());
    let site = site_packages(&folder, python);
    write(&site.join("a.pth"), "import no_such_module\n");
    write(&site.join("b.pth"), format!("import sys; sys.path.insert(0, '{}')\n", root.join("again")));
    write(&site.join("c.pth"), "import types, colorsys\n");
    found.push(Environment::new("put in front", Start::new(&folder.join("bin/python"))));
}

/// A `._pth` file of that many bytes.
fn padded(python: &Python, size: usize) -> String {
    let lines = format!("{0}\n{0}/lib-dynload\nimport site\n", python.library());
    format!("{lines}{}", "#".repeat(size - lines.len()))
}
