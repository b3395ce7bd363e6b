//! A [`System`] that lives in memory, for tests and examples.
//!
//! In: files, directories and links by path. Out: the same answers a disk of its platform would give.
//!
//! A world of Windows takes both separators and keeps `/`, which every host can take apart: `C:/Python/python.exe`.
//!
//! **Invariant:** links behave as on POSIX, loops and relative targets included; names as the platform compares them.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Cause, Failure, Hive, Kind, Listing, Metadata, Names, Platform, RegistryKey, System};

const MOST_LINKS: u32 = 40;

#[derive(Debug, Clone)]
pub struct MemorySystem {
    platform: Platform,
    nodes: BTreeMap<Utf8PathBuf, Node>,
    variables: BTreeMap<String, String>,
    registry: BTreeMap<(Hive, String), String>,
    working_directory: Utf8PathBuf,
}

#[derive(Debug, Clone)]
enum Node {
    File {
        content: Vec<u8>,
        executable: bool,
    },
    Directory,
    Link(Utf8PathBuf),
    Pipe,
    /// Exists, but may not be opened.
    Forbidden,
}

impl Default for MemorySystem {
    fn default() -> Self {
        MemorySystem::of(Platform::Linux)
    }
}

impl MemorySystem {
    /// Makes an empty world of that platform.
    pub fn of(platform: Platform) -> Self {
        // On Windows drives have no top above them, and what begins with separators is a share: `//server/share`.
        let tops = if platform.is_windows() { &["", "/"][..] } else { &["/"] };
        MemorySystem {
            platform,
            nodes: tops.iter().map(|top| (Utf8PathBuf::from(top), Node::Directory)).collect(),
            variables: BTreeMap::new(),
            registry: BTreeMap::new(),
            working_directory: Utf8PathBuf::from(if platform.is_windows() { "C:/" } else { "/" }),
        }
    }

    /// Sets the default value of a registry key; the keys above it come with it.
    pub fn set_registry_value(&mut self, hive: Hive, path: &str, value: &str) -> &mut Self {
        self.registry.insert((hive, path.to_lowercase()), value.to_owned());
        self
    }

    /// Writes a file and the directories above it.
    pub fn write(&mut self, path: impl AsRef<Utf8Path>, content: impl Into<Vec<u8>>) -> &mut Self {
        self.insert(path.as_ref(), Node::File { content: content.into(), executable: false })
    }

    /// Writes a file that anybody may execute, such as an interpreter.
    pub fn write_executable(&mut self, path: impl AsRef<Utf8Path>, content: impl Into<Vec<u8>>) -> &mut Self {
        self.insert(path.as_ref(), Node::File { content: content.into(), executable: true })
    }

    pub fn create_directory(&mut self, path: impl AsRef<Utf8Path>) -> &mut Self {
        self.insert(path.as_ref(), Node::Directory)
    }

    pub fn link(&mut self, path: impl AsRef<Utf8Path>, target: impl Into<Utf8PathBuf>) -> &mut Self {
        let target = self.spelled(&target.into());
        self.insert(path.as_ref(), Node::Link(target))
    }

    /// Makes a named pipe: opening it for real would wait for ever.
    pub fn pipe(&mut self, path: impl AsRef<Utf8Path>) -> &mut Self {
        self.insert(path.as_ref(), Node::Pipe)
    }

    /// Makes a file that may not be read.
    pub fn forbid(&mut self, path: impl AsRef<Utf8Path>) -> &mut Self {
        self.insert(path.as_ref(), Node::Forbidden)
    }

    /// Removes a path and all below it.
    pub fn remove(&mut self, path: impl AsRef<Utf8Path>) -> &mut Self {
        let path = self.spelled(path.as_ref());
        self.nodes.retain(|other, _| !other.starts_with(&path));
        self
    }

    pub fn set_variable(&mut self, name: &str, value: &str) -> &mut Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn set_working_directory(&mut self, path: impl Into<Utf8PathBuf>) -> &mut Self {
        self.working_directory = self.spelled(&path.into());
        self
    }

    fn insert(&mut self, path: &Utf8Path, node: Node) -> &mut Self {
        // Through links, as a program that writes to `.venv/lib64/…` would.
        let path = &self.spelled(path);
        let directory = path.parent().map(|parent| self.make_directories(parent)).unwrap_or_default();
        let place = path.file_name().map_or_else(|| directory.clone(), |name| directory.join(name));
        let place = self.key(&place).cloned().unwrap_or(place);
        self.nodes.insert(place, node);
        self
    }

    /// Returns a path as it is kept here.
    fn spelled(&self, path: &Utf8Path) -> Utf8PathBuf {
        if self.platform.is_windows() { path.as_str().replace('\\', "/").into() } else { path.to_owned() }
    }

    /// Finds the key under which a path is kept, in whatever case.
    fn key(&self, path: &Utf8Path) -> Option<&Utf8PathBuf> {
        if let Some((key, _)) = self.nodes.get_key_value(path) {
            return Some(key);
        }
        let folded = self.platform.folds_case().then(|| path.as_str().to_lowercase())?;
        self.nodes.keys().find(|key| key.as_str().to_lowercase() == folded)
    }

    fn make_directories(&mut self, path: &Utf8Path) -> Utf8PathBuf {
        if let Ok(place) = self.locate(path) {
            return place;
        }
        let parent = path.parent().map(|parent| self.make_directories(parent)).unwrap_or_default();
        let place = path.file_name().map_or_else(|| parent.clone(), |name| parent.join(name));
        self.nodes.insert(place.clone(), Node::Directory);
        place
    }

    /// Follows every link of a path; the result is a key of `nodes`.
    fn locate(&self, path: &Utf8Path) -> Result<Utf8PathBuf, Failure> {
        let fail = |cause| Failure { path: path.to_owned(), cause };
        let spelled = self.spelled(path);
        let mut rest: Vec<String> = spelled.components().rev().map(|it| it.as_str().to_owned()).collect();
        let top = if self.platform.is_windows() { "" } else { "/" };
        let mut here = Utf8PathBuf::from(top);
        let mut links = 0;
        while let Some(part) = rest.pop() {
            match part.as_str() {
                "/" => here = Utf8PathBuf::from("/"),
                "." => {}
                ".." => {
                    here.pop();
                }
                name => {
                    if !matches!(self.nodes.get(&here), Some(Node::Directory)) {
                        return Err(fail(Cause::NotADirectory));
                    }
                    let Some(next) = self.key(&here.join(name)).cloned() else { return Err(fail(Cause::NotFound)) };
                    match self.nodes.get(&next) {
                        None => return Err(fail(Cause::NotFound)),
                        Some(Node::Link(target)) => {
                            links += 1;
                            if links > MOST_LINKS {
                                return Err(fail(Cause::LinkLoop));
                            }
                            if target.as_str().get(1..2) == Some(":") {
                                here = Utf8PathBuf::from(top);
                            }
                            rest.extend(target.components().rev().map(|it| it.as_str().to_owned()));
                        }
                        Some(_) => here = next,
                    }
                }
            }
        }
        Ok(here)
    }

    fn node(&self, path: &Utf8Path) -> Result<(&Utf8PathBuf, &Node), Failure> {
        let place = self.locate(path)?;
        self.nodes.get_key_value(&place).ok_or_else(|| Failure { path: path.to_owned(), cause: Cause::NotFound })
    }

    fn content(&self, path: &Utf8Path) -> Result<&[u8], Failure> {
        let cause = match self.node(path)?.1 {
            Node::File { content, .. } => return Ok(content),
            Node::Directory => Cause::IsADirectory,
            Node::Forbidden => Cause::PermissionDenied,
            Node::Link(_) | Node::Pipe => Cause::NotARegularFile,
        };
        Err(Failure { path: path.to_owned(), cause })
    }
}

impl System for MemorySystem {
    fn metadata(&self, path: &Utf8Path) -> Result<Metadata, Failure> {
        let (place, node) = self.node(path)?;
        let (kind, length, executable) = match node {
            Node::File { content, executable } => (Kind::File, content.len() as u64, *executable),
            Node::Forbidden => (Kind::File, 0, false),
            Node::Directory => (Kind::Directory, 0, true),
            Node::Link(_) | Node::Pipe => (Kind::Other, 0, false),
        };
        let inode = self.nodes.keys().take_while(|other| *other < place).count() as u64;
        Ok(Metadata { kind, length, executable, identity: (0, inode), modified: 0 })
    }

    fn link_target(&self, path: &Utf8Path) -> Result<Option<Utf8PathBuf>, Failure> {
        let spelled = self.spelled(path);
        let Some((parent, name)) = spelled.parent().zip(spelled.file_name()) else { return Ok(None) };
        let place = self.locate(parent)?.join(name);
        match self.key(&place).and_then(|key| self.nodes.get(key)) {
            Some(Node::Link(target)) => Ok(Some(target.clone())),
            Some(_) => Ok(None),
            None => Err(Failure { path: path.to_owned(), cause: Cause::NotFound }),
        }
    }

    fn canonical(&self, path: &Utf8Path) -> Result<Utf8PathBuf, Failure> {
        Ok(self.node(path)?.0.clone())
    }

    fn list(&self, directory: &Utf8Path) -> Result<Arc<Listing>, Failure> {
        let (place, node) = self.node(directory)?;
        if !matches!(node, Node::Directory) {
            return Err(Failure { path: directory.to_owned(), cause: Cause::NotADirectory });
        }
        let children = self.nodes.range(place.clone()..).skip(1).take_while(|(path, _)| path.starts_with(place));
        let mut names = Names::default();
        for (path, node) in children.filter(|(path, _)| path.parent() == Some(place)) {
            let kind = match node {
                Node::File { .. } | Node::Forbidden => Kind::File,
                Node::Directory => Kind::Directory,
                Node::Link(_) => Kind::Link,
                Node::Pipe => Kind::Other,
            };
            names.push(path.file_name().unwrap_or_default(), kind);
        }
        Ok(Arc::new(Listing::new(names, Names::default())))
    }

    fn read(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, Failure> {
        let content = self.content(path)?;
        if content.len() as u64 > limit {
            return Err(Failure { path: path.to_owned(), cause: Cause::TooLarge { limit } });
        }
        Ok(content.to_vec())
    }

    fn read_range(&self, path: &Utf8Path, offset: u64, length: usize) -> Result<Vec<u8>, Failure> {
        let content = self.content(path)?;
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(content.len());
        Ok(content[from..from.saturating_add(length).min(content.len())].to_vec())
    }

    fn variable(&self, name: &str) -> Option<String> {
        let same = |other: &str| other == name || self.platform.is_windows() && other.eq_ignore_ascii_case(name);
        self.variables.iter().find(|(other, _)| same(other)).map(|(_, value)| value.clone())
    }

    fn working_directory(&self) -> Utf8PathBuf {
        self.working_directory.clone()
    }

    fn home_of_user(&self) -> Option<Utf8PathBuf> {
        Some(Utf8PathBuf::from(match self.platform {
            Platform::Linux => "/home/user",
            Platform::MacOs => "/Users/user",
            Platform::Windows => "C:/Users/user",
        }))
    }

    fn platform(&self) -> Platform {
        self.platform
    }

    fn registry_key(&self, hive: Hive, path: &str) -> Option<RegistryKey> {
        let start = format!("{}\\", path.to_lowercase());
        let value = self.registry.get(&(hive, path.to_lowercase())).cloned();
        let in_hive = self.registry.iter().filter(|((other, _), _)| *other == hive);
        let mut below: Vec<(String, Option<String>)> = Vec::new();
        for ((_, key), value) in in_hive {
            let Some(rest) = key.strip_prefix(&start) else { continue };
            let name = rest.split('\\').next().unwrap_or(rest);
            if below.iter().all(|(known, _)| known != name) {
                below.push((name.to_owned(), (name == rest).then(|| value.clone())));
            }
        }
        (value.is_some() || !below.is_empty()).then_some(RegistryKey { value, below })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_of_windows_takes_both_separators_and_any_case() {
        let mut system = MemorySystem::of(Platform::Windows);
        system.write(r"C:\Python\Lib\os.py", "x").link(r"D:\py", r"C:\Python").set_variable("AppData", "x");
        assert_eq!(system.canonical("d:/PY/lib/OS.py".into()).unwrap(), "C:/Python/Lib/os.py");
        assert_eq!(system.list(r"C:\python".into()).unwrap().get("Lib"), Some(Kind::Directory));
        assert!(system.is_directory("C:/".into()) && !system.exists("E:/".into()));
        assert_eq!(system.variable("APPDATA").as_deref(), Some("x"));
        system.set_registry_value(Hive::LocalMachine, r"Software\Python\A\B", "v");
        let key = system.registry_key(Hive::LocalMachine, r"SOFTWARE\Python").unwrap();
        assert_eq!(key, RegistryKey { value: None, below: vec![("a".to_owned(), None)] });
    }

    #[test]
    fn links_are_followed_as_on_posix() {
        let mut system = MemorySystem::default();
        system.write("/usr/bin/python3.11", "x").link("/usr/bin/python3", "python3.11");
        system.link("/venv/bin/python", "/usr/bin/python3").link("/a", "/b").link("/b", "/a");
        assert_eq!(system.canonical("/venv/bin/python".into()).unwrap(), "/usr/bin/python3.11");
        assert_eq!(system.metadata("/a/x".into()).unwrap_err().cause, Cause::LinkLoop);
        assert_eq!(system.metadata("/usr/bin/python3/x".into()).unwrap_err().cause, Cause::NotADirectory);
    }
}
