//! The operating system: its name, as its users say it, and whether it manages its Python.
//!
//! In: `/etc/os-release`, `/usr/lib`. Out: an [`OperatingSystem`].
//!
//! **Invariant:** the name is what the file says; no distribution is known here by name but the one that dpkg comes from.

use camino::Utf8Path;

use crate::system::System;

/// Which operating system this is (os-release(5)).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperatingSystem {
    /// `NAME`, as people say it: `Ubuntu`, `Debian`, `Fedora`; `None` where no file tells.
    pub name: Option<String>,
    /// Whether its own Python is marked as externally managed (PEP 668).
    pub manages_python: bool,
}

impl OperatingSystem {
    /// Reads `/etc/os-release`, or where it is absent `/usr/lib/os-release`.
    pub fn read(system: &dyn System) -> Self {
        let files = ["/etc/os-release", "/usr/lib/os-release"].map(Utf8Path::new);
        let text = files.into_iter().find_map(|it| system.read_text(it).ok()).unwrap_or_default();
        let value = |key: &str| {
            let mut values = text.lines().rev().filter_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='));
            values.next().map(unquoted).filter(|it| !it.is_empty())
        };
        let id = value("ID").unwrap_or_default();
        OperatingSystem {
            name: value("NAME").map(|name| as_people_say(&name, &id)),
            manages_python: manages_python(system),
        }
    }

    /// Names the one whose packages dpkg has the records of.
    pub fn of_dpkg(&self) -> &str {
        self.name.as_deref().unwrap_or("Debian")
    }
}

/// Looks for the marker where every distribution keeps its standard library: `/usr/lib/pythonX.Y`, or `/usr/lib64`.
fn manages_python(system: &dyn System) -> bool {
    ["/usr/lib", "/usr/lib64"].iter().map(Utf8Path::new).any(|folder| {
        let Ok(listing) = system.list(folder) else { return false };
        let mut pythons = listing.iter().filter(|(name, _)| name.starts_with("python3."));
        pythons.any(|(name, _)| system.is_file(&folder.join(name).join("EXTERNALLY-MANAGED")))
    })
}

/// `Debian GNU/Linux` is Debian and `Fedora Linux` is Fedora, as the short name says; `Linux Mint` stays what it is.
fn as_people_say(name: &str, id: &str) -> String {
    let short = name.strip_suffix(" GNU/Linux").or_else(|| {
        let short = name.strip_suffix(" Linux")?;
        short.eq_ignore_ascii_case(id).then_some(short)
    });
    short.unwrap_or(name).to_owned()
}

/// Takes a value as a shell would, as far as os-release(5) lets it be written.
fn unquoted(text: &str) -> String {
    let text = text.trim();
    let inside = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    let Some(quoted) = inside('"') else { return inside('\'').unwrap_or(text).to_owned() };
    let mut value = String::with_capacity(quoted.len());
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        value.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    #[test]
    fn names_are_those_that_people_say() {
        for (text, name) in [
            ("NAME=\"Debian GNU/Linux\"\nID=debian\n", Some("Debian")),
            ("PRETTY_NAME=\"Ubuntu 24.04 LTS\"\nNAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n", Some("Ubuntu")),
            ("NAME='Fedora Linux'\nID=fedora\n", Some("Fedora")),
            ("NAME=\"Arch Linux\"\nID=arch\n", Some("Arch")),
            ("NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", Some("Linux Mint")),
            ("NAME=\"Red Hat Enterprise Linux\"\nID=\"rhel\"\n", Some("Red Hat Enterprise Linux")),
            ("NAME=\"Say \\\"it\\\"\"\n", Some("Say \"it\"")),
            ("# nothing\nID=x\n", None),
            ("NAME=\n", None),
        ] {
            let mut system = MemorySystem::default();
            system.write("/usr/lib/os-release", text);
            assert_eq!(OperatingSystem::read(&system).name.as_deref(), name, "{text}");
            system.write("/etc/os-release", "NAME=Other\nID=other\nID_LIKE=debian\n");
            assert_eq!(OperatingSystem::read(&system).of_dpkg(), "Other");
        }
        assert_eq!(OperatingSystem::read(&MemorySystem::default()).of_dpkg(), "Debian");
    }
}
