//! A [`System`] that lives in memory, for tests and examples.
//!
//! In: files, directories and links by path. Out: the same answers a POSIX disk would give.
//!
//! **Invariant:** links behave as on POSIX, loops and relative targets included.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Cause, Failure, Kind, Listing, Metadata, System};

const MOST_LINKS: u32 = 40;

#[derive(Debug, Clone)]
pub struct MemorySystem {
    nodes: BTreeMap<Utf8PathBuf, Node>,
    variables: BTreeMap<String, String>,
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
        MemorySystem {
            nodes: BTreeMap::from([(Utf8PathBuf::from("/"), Node::Directory)]),
            variables: BTreeMap::new(),
            working_directory: Utf8PathBuf::from("/"),
        }
    }
}

impl MemorySystem {
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
        self.insert(path.as_ref(), Node::Link(target.into()))
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
        self.nodes.retain(|other, _| !other.starts_with(path.as_ref()));
        self
    }

    pub fn set_variable(&mut self, name: &str, value: &str) -> &mut Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn set_working_directory(&mut self, path: impl Into<Utf8PathBuf>) -> &mut Self {
        self.working_directory = path.into();
        self
    }

    fn insert(&mut self, path: &Utf8Path, node: Node) -> &mut Self {
        // Through links, as a program that writes to `.venv/lib64/…` would.
        let directory = path.parent().map(|parent| self.make_directories(parent)).unwrap_or_default();
        let place = path.file_name().map_or_else(|| directory.clone(), |name| directory.join(name));
        self.nodes.insert(place, node);
        self
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
        let mut rest: Vec<String> = path.components().rev().map(|it| it.as_str().to_owned()).collect();
        let mut here = Utf8PathBuf::from("/");
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
                    let next = here.join(name);
                    match self.nodes.get(&next) {
                        None => return Err(fail(Cause::NotFound)),
                        Some(Node::Link(target)) => {
                            links += 1;
                            if links > MOST_LINKS {
                                return Err(fail(Cause::LinkLoop));
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
        let Some((parent, name)) = path.parent().zip(path.file_name()) else { return Ok(None) };
        let place = self.locate(parent)?.join(name);
        match self.nodes.get(&place) {
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
        let entries = children.filter(|(path, _)| path.parent() == Some(place)).filter_map(|(path, node)| {
            let kind = match node {
                Node::File { .. } | Node::Forbidden => Kind::File,
                Node::Directory => Kind::Directory,
                Node::Link(_) => Kind::Link,
                Node::Pipe => Kind::Other,
            };
            Some((Box::from(path.file_name()?), kind))
        });
        Ok(Arc::new(Listing::new(entries.collect())))
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
        self.variables.get(name).cloned()
    }

    fn working_directory(&self) -> Utf8PathBuf {
        self.working_directory.clone()
    }

    fn home_of_user(&self) -> Option<Utf8PathBuf> {
        Some(Utf8PathBuf::from("/home/user"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
