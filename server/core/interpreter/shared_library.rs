//! The file that holds an interpreter's code: the program itself, or the `libpython` that the loader finds for it.
//!
//! In: a program with every link resolved. Out: its [`Code`], and the library that the loader would miss.
//!
//! **Invariant:** a library is only said to be missing where what the loader knows could be read; one that lies where the
//! loader does not look is still read, for what it tells about the program.

use camino::{Utf8Path, Utf8PathBuf};

use super::elf::{self, Image};
use crate::system::{LARGEST_METADATA, System};

pub(super) struct Code {
    pub(super) path: Utf8PathBuf,
    pub(super) image: Image,
    /// The library without which the program does not start.
    pub(super) missing: Option<String>,
}

/// What `ldconfig` knows, of this machine's own loader.
const CACHE: &str = "/etc/ld.so.cache";

/// Where loaders look in the end, whatever they were told.
const OF_SYSTEM: [&str; 7] = [
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/lib64",
    "/usr/lib",
    "/lib",
    "/usr/local/lib",
];

/// Finds the code as `ld.so` would: by the paths in the program, by `LD_LIBRARY_PATH`, by the cache, in the system's own
/// directories.
pub(super) fn find(system: &dyn System, program: &Utf8Path) -> Code {
    let of_program = |image, missing| Code { path: program.to_owned(), image, missing };
    let Some(image) = elf::read(system, program) else { return of_program(Image::default(), None) };
    let library = image.needed.iter().find(|name| name.starts_with("libpython") || name.starts_with("libpypy"));
    let Some(name) = library.filter(|_| image.builtin_modules.is_none()).cloned() else {
        return of_program(image, None);
    };
    let origin = program.parent().unwrap_or(program);
    let of_image = image.run_paths.iter().map(|it| {
        Utf8PathBuf::from(it.replace("${ORIGIN}", origin.as_str()).replace("$ORIGIN", origin.as_str())).join(&name)
    });
    let variable = system.variable("LD_LIBRARY_PATH").unwrap_or_default();
    let of_variable =
        variable.split([':', ';']).filter(|it| it.starts_with('/')).map(|it| Utf8Path::new(it).join(&name));
    if let Some(code) = first(system, of_image.chain(of_variable), &name) {
        return code;
    }
    let cache = system.read(CACHE.into(), LARGEST_METADATA).ok();
    let of_cache = cache.as_deref().and_then(|it| path_in(it, &name));
    let of_system = OF_SYSTEM.iter().map(|it| Utf8Path::new(it).join(&name));
    if let Some(code) = first(system, of_cache.into_iter().chain(of_system), &name) {
        return code;
    }
    let missing = cache.map(|_| name.clone());
    let beside = ["lib", "lib64"].map(|it| origin.parent().unwrap_or(origin).join(it).join(&name));
    match first(system, beside.into_iter(), &name) {
        Some(code) => Code { missing, ..code },
        None => of_program(image, missing),
    }
}

/// Reads the first that is a library; its own name counts as needed, for the version in it.
fn first(system: &dyn System, mut places: impl Iterator<Item = Utf8PathBuf>, name: &str) -> Option<Code> {
    places.find_map(|place| {
        let path = system.canonical(&place).ok()?;
        let mut image = elf::read(system, &path)?;
        image.needed.push(name.to_owned());
        Some(Code { path, image, missing: None })
    })
}

/// Returns the path of a library in the cache, where it stands between two nulls.
fn path_in(cache: &[u8], name: &str) -> Option<Utf8PathBuf> {
    let end = format!("/{name}\0");
    memchr::memmem::find_iter(cache, end.as_bytes()).find_map(|at| {
        let before = cache.get(..at)?;
        let start = memchr::memrchr(0, before).map_or(0, |null| null + 1);
        let path = std::str::from_utf8(cache.get(start..at + end.len() - 1)?).ok()?;
        path.starts_with('/').then(|| path.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_names_whole_paths() {
        let cache =
            b"glibc-ld.so.cache1.1\0\0\0libx.so.1\0/lib/libx.so.1\0libpython3.13t.so.1.0\0/a/b/libpython3.13t.so.1.0\0";
        assert_eq!(path_in(cache, "libpython3.13t.so.1.0"), Some("/a/b/libpython3.13t.so.1.0".into()));
        assert_eq!(path_in(cache, "libx.so.1"), Some("/lib/libx.so.1".into()));
        assert_eq!(path_in(cache, "libpython3.13.so.1.0"), None);
    }
}
