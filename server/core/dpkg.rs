//! Which Debian package owns a file, from dpkg's own records.
//!
//! In: a path. Out: an [`OsPackage`], from `/var/lib/dpkg/info/*.list`, `/var/lib/dpkg/diversions` and
//! `/var/lib/dpkg/status`.
//!
//! **Invariant:** read-only, and read at most once, on the first question.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use memchr::memmem;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::system::{LARGEST_METADATA, System};

const DATABASE: &str = "/var/lib/dpkg";

/// The largest list of one package's files, in bytes.
const LARGEST_LIST: u64 = 16 * 1024 * 1024;

/// A package of the operating system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OsPackage {
    pub name: String,
    pub version: String,
}

/// dpkg's records, as far as they were needed.
pub struct Dpkg<'a> {
    system: &'a dyn System,
    index: Mutex<Index>,
    status: OnceLock<Vec<u8>>,
    /// A diverted path → where the original went and the package that diverts it; `:` is the administrator.
    diversions: OnceLock<Vec<Diversion>>,
}

struct Diversion {
    from: String,
    to: String,
    package: String,
}

/// The lists that were read.
#[derive(Default)]
struct Index {
    /// Lists still to be read, by the package they belong to, those of `python3-*` first; `None` until it is known.
    unread: Option<Unread>,
    /// A path that has `/python3` in it → its packages, `NAME` or `NAME:ARCHITECTURE`.
    owners: FxHashMap<Box<str>, Vec<Box<str>>>,
}

#[derive(Default)]
struct Unread {
    python: Vec<String>,
    others: Vec<String>,
}

impl<'a> Dpkg<'a> {
    pub fn new(system: &'a dyn System) -> Self {
        Dpkg { system, index: Mutex::default(), status: OnceLock::new(), diversions: OnceLock::new() }
    }

    /// Returns the package that a file came with; `None` where no package owns it.
    pub fn owner(&self, path: &Utf8Path) -> Option<OsPackage> {
        self.described(&self.package_by_any_spelling(path)?)
    }

    /// Returns the only package that has files below these directories; `None` where several have, or none.
    pub fn only_owner<'p>(&self, directories: impl IntoIterator<Item = &'p Utf8Path>) -> Option<OsPackage> {
        let owners = directories.into_iter().flat_map(|directory| self.owners(directory.as_str(), true));
        let owners: BTreeSet<Box<str>> = owners.collect();
        let mut owners = owners.into_iter();
        let only = owners.next().filter(|_| owners.next().is_none())?;
        self.described(&only)
    }

    /// Returns the `.dist-info` and `.egg-info` that came with the same package as a file.
    pub fn metadata_beside(&self, path: &Utf8Path) -> Vec<Utf8PathBuf> {
        let list = self.package_by_any_spelling(path).and_then(|package| self.read_list(&package)).unwrap_or_default();
        let is_metadata = |path: &&Utf8Path| matches!(path.extension(), Some("dist-info" | "egg-info"));
        String::from_utf8_lossy(&list).lines().map(Utf8Path::new).filter(is_metadata).map(ToOwned::to_owned).collect()
    }

    fn package_by_any_spelling(&self, path: &Utf8Path) -> Option<Box<str>> {
        let mut spellings = vec![path.to_owned()];
        spellings.extend(self.system.canonical(path));
        // Before /lib became a link to /usr/lib, packages listed their files as /lib/….
        let other = |path: &Utf8PathBuf| match path.strip_prefix("/usr") {
            Ok(inside) => Utf8Path::new("/").join(inside),
            Err(_) => Utf8PathBuf::from(format!("/usr{path}")),
        };
        let further: Vec<Utf8PathBuf> = spellings.iter().map(other).collect();
        spellings.extend(further);
        spellings.dedup();
        spellings.iter().find_map(|spelling| self.package_of(spelling.as_str()))
    }

    /// Returns the package that lists the path, diversions taken into account (dpkg-divert(1)).
    fn package_of(&self, path: &str) -> Option<Box<str>> {
        let diversions = self.diversions.get_or_init(|| self.read_diversions());
        if let Some(diversion) = diversions.iter().find(|it| it.to == path) {
            let owners = self.owners(&diversion.from, true);
            return owners.into_iter().find(|owner| bare(owner) != diversion.package);
        }
        let diversion = diversions.iter().find(|it| it.from == path);
        let owners = self.owners(path, diversion.is_some());
        match diversion {
            Some(diversion) => owners.into_iter().find(|owner| bare(owner) == diversion.package),
            None => owners.into_iter().next(),
        }
    }

    /// Returns the packages that list a path; `all` of them, or those of the first lists that have it.
    fn owners(&self, path: &str, all: bool) -> Vec<Box<str>> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let mut unread = index.unread.take().unwrap_or_else(|| self.unread());
        let is_indexed = path.contains("/python3");
        if is_indexed {
            self.read_lists(&mut unread.python, &mut index.owners);
        }
        if is_indexed && (all || !index.owners.contains_key(path)) {
            self.read_lists(&mut unread.others, &mut index.owners);
        }
        index.unread = Some(unread);
        if !is_indexed && (all || !index.owners.contains_key(path)) {
            self.search_lists(path, all, &mut index.owners);
        }
        index.owners.get(path).cloned().unwrap_or_default()
    }

    fn unread(&self) -> Unread {
        let (python, others) = self.lists().into_iter().partition(|package| package.starts_with("python3"));
        Unread { python, others }
    }

    fn lists(&self) -> Vec<String> {
        let Ok(listing) = self.system.list(&Utf8Path::new(DATABASE).join("info")) else { return Vec::new() };
        listing.iter().filter_map(|(name, _)| name.strip_suffix(".list").map(str::to_owned)).collect()
    }

    fn read_lists(&self, packages: &mut Vec<String>, owners: &mut FxHashMap<Box<str>, Vec<Box<str>>>) {
        for package in packages.drain(..) {
            let Some(bytes) = self.read_list(&package) else { continue };
            let mut from = 0;
            // Most lists have no such line; those are passed over in one go.
            while let Some(at) = bytes.get(from..).and_then(|rest| memmem::find(rest, b"/python3")) {
                let at = from + at;
                let start = bytes.get(..at).and_then(|it| memchr::memrchr(b'\n', it)).map_or(0, |end| end + 1);
                let end = bytes.get(at..).and_then(|it| memchr::memchr(b'\n', it)).map_or(bytes.len(), |end| at + end);
                if let Some(Ok(line)) = bytes.get(start..end).map(std::str::from_utf8) {
                    owners.entry(line.into()).or_default().push(package.as_str().into());
                }
                from = end;
            }
        }
    }

    /// Looks for one path, with and without `/usr` before it, for paths that the index leaves out: in the lists of
    /// packages whose names share a word with it first, and unless `all` are wanted, no further than the first that has it.
    fn search_lists(&self, path: &str, all: bool, owners: &mut FxHashMap<Box<str>, Vec<Box<str>>>) {
        let tail = path.strip_prefix("/usr").filter(|it| it.starts_with('/')).unwrap_or(path);
        let spellings = [tail.to_owned(), format!("/usr{tail}")];
        let mut found: [Vec<Box<str>>; 2] = Default::default();
        let whole_line = format!("{tail}\n");
        let finder = memmem::Finder::new(&whole_line);
        let wanted: FxHashSet<&str> = words(path).collect();
        let mut lists = self.lists();
        lists.sort_by_key(|package| !words(package).any(|it| wanted.contains(it)));
        for package in lists {
            let Some(bytes) = self.read_list(&package) else { continue };
            for at in finder.find_iter(&bytes) {
                let start = bytes.get(..at).and_then(|it| memchr::memrchr(b'\n', it)).map_or(0, |end| end + 1);
                let before = bytes.get(start..at).unwrap_or_default();
                let known = [b"".as_slice(), b"/usr"].iter().position(|it| *it == before);
                if let Some(packages) = known.and_then(|at| found.get_mut(at)) {
                    packages.push(package.as_str().into());
                }
            }
            if !all && found.iter().any(|it| !it.is_empty()) {
                break;
            }
        }
        owners.extend(spellings.into_iter().map(String::into_boxed_str).zip(found));
    }

    fn read_list(&self, package: &str) -> Option<Vec<u8>> {
        self.system.read(&Utf8Path::new(DATABASE).join(format!("info/{package}.list")), LARGEST_LIST).ok()
    }

    /// The file has three lines for each: the path, where it goes, the package (deb-diversions, dpkg-divert(1)).
    fn read_diversions(&self) -> Vec<Diversion> {
        let text = self.system.read_text(&Utf8Path::new(DATABASE).join("diversions")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let diversions = lines.chunks_exact(3).filter_map(|chunk| match chunk {
            [from, to, package] => {
                Some(Diversion { from: (*from).into(), to: (*to).into(), package: (*package).into() })
            }
            _ => None,
        });
        diversions.collect()
    }

    /// Reads the package's stanza of the status file, and nothing else of it.
    fn described(&self, package: &str) -> Option<OsPackage> {
        let (name, architecture) = package.split_once(':').map_or((package, None), |(name, it)| (name, Some(it)));
        let path = Utf8Path::new(DATABASE).join("status");
        let status = self.status.get_or_init(|| self.system.read(&path, LARGEST_METADATA).unwrap_or_default());
        let first_line = format!("Package: {name}\n");
        let stanzas = memmem::find_iter(status, first_line.as_bytes()).filter_map(|at| {
            let starts_a_line = at == 0 || status.get(at - 1) == Some(&b'\n');
            let rest = status.get(at..).filter(|_| starts_a_line)?;
            let end = memmem::find(rest, b"\n\n").unwrap_or(rest.len());
            rest.get(..end).map(String::from_utf8_lossy)
        });
        let fields = stanzas.map(|stanza| {
            let fields = stanza.lines().filter(|line| !line.starts_with(' ')).filter_map(|line| line.split_once(": "));
            fields.map(|(key, value)| (key.to_owned(), value.to_owned())).collect::<BTreeMap<_, _>>()
        });
        let fits = |fields: &BTreeMap<String, String>| {
            architecture.is_none_or(|it| fields.get("Architecture").is_some_and(|other| other == it))
        };
        let fields = fields.into_iter().find(fits)?;
        Some(OsPackage { name: name.to_owned(), version: fields.get("Version").cloned().unwrap_or_default() })
    }
}

fn bare(package: &str) -> &str {
    package.split(':').next().unwrap_or(package)
}

/// Returns the words of a path or a package's name: `/usr/share/apport/general.py` is of the package `apport`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|it: char| !it.is_ascii_alphanumeric()).filter(|it| it.len() > 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::memory::MemorySystem;

    fn machine() -> MemorySystem {
        let mut system = MemorySystem::default();
        let status = "Package: python3-yaml\nStatus: install ok installed\nArchitecture: amd64\nVersion: 6.0-3+b2\n\
                      Description: YAML\n Version: no\n\nPackage: libfoo\nArchitecture: i386\nVersion: 1\n\n\
                      Package: libfoo\nArchitecture: amd64\nVersion: 2\n\nPackage: wrap\nVersion: 7\n";
        let files = "/.\n/usr/lib/python3/dist-packages\n/usr/lib/python3/dist-packages/yaml\n\
                     /usr/lib/python3/dist-packages/yaml/__init__.py\n\
                     /usr/lib/python3/dist-packages/PyYAML-6.0.dist-info\n";
        system
            .write("/var/lib/dpkg/status", status)
            .write("/var/lib/dpkg/info/python3-yaml.list", files)
            .write(
                "/var/lib/dpkg/info/libfoo:amd64.list",
                "/.\n/lib/python3/dist-packages/foo.so\n/usr/share/foo/m.py\n",
            )
            .write("/var/lib/dpkg/info/wrap.list", "/usr/lib/python3/dist-packages/yaml/nodes.py\n");
        system
    }

    fn owner(system: &MemorySystem, path: &str) -> Option<String> {
        Dpkg::new(system).owner(path.into()).map(|package| format!("{} {}", package.name, package.version))
    }

    #[test]
    fn a_file_has_one_package() {
        let system = machine();
        let yaml = "/usr/lib/python3/dist-packages/yaml/__init__.py";
        assert_eq!(owner(&system, yaml).as_deref(), Some("python3-yaml 6.0-3+b2"));
        assert_eq!(owner(&system, "/usr/lib/python3/dist-packages/yaml/__init__"), None);
        assert_eq!(owner(&system, "/usr/local/lib/python3.11/dist-packages/yaml/__init__.py"), None);
        assert_eq!(owner(&system, "/usr/share/foo/m.py").as_deref(), Some("libfoo 2"), "lists without /python3 too");
        assert_eq!(owner(&system, "/share/foo/m.py").as_deref(), Some("libfoo 2"), "with /usr before it");
        assert_eq!(owner(&system, "/usr/share/foo/m"), None);
        assert_eq!(owner(&MemorySystem::default(), yaml), None);
        assert_eq!(
            Dpkg::new(&system).metadata_beside(yaml.into()),
            ["/usr/lib/python3/dist-packages/PyYAML-6.0.dist-info"]
        );
    }

    #[test]
    fn lib_and_usr_lib_are_one() {
        let mut system = machine();
        assert_eq!(owner(&system, "/usr/lib/python3/dist-packages/foo.so").as_deref(), Some("libfoo 2"));
        system
            .write("/usr/lib/python3/dist-packages/yaml/__init__.py", "")
            .link("/opt/yaml.py", "/usr/lib/python3/dist-packages/yaml/__init__.py");
        assert_eq!(owner(&system, "/opt/yaml.py").as_deref(), Some("python3-yaml 6.0-3+b2"));
    }

    #[test]
    fn diverted_files_belong_to_the_diverter() {
        let mut system = machine();
        let yaml = "/usr/lib/python3/dist-packages/yaml/__init__.py";
        system
            .write("/var/lib/dpkg/info/wrap.list", format!("{yaml}\n"))
            .write("/var/lib/dpkg/diversions", format!("{yaml}\n{yaml}.real\nwrap\n"));
        assert_eq!(owner(&system, yaml).as_deref(), Some("wrap 7"));
        assert_eq!(owner(&system, &format!("{yaml}.real")).as_deref(), Some("python3-yaml 6.0-3+b2"));
        system.write("/var/lib/dpkg/diversions", format!("{yaml}\n{yaml}.real\n:\n"));
        assert_eq!(owner(&system, yaml), None, "the administrator's own file");
    }
}
