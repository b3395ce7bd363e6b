//! Whether the operating system in a container's image manages its Python.
//!
//! In: an image as `FROM` and `image:` name it. Out: yes, no, or unknown.
//!
//! **Invariant:** only images whose tag says what they are made from are judged; every other is unknown.
//!
//! Sources: the file `EXTERNALLY-MANAGED` in the packages of Debian 12, Ubuntu 23.04, Alpine 3.19 and Arch and later, and its
//! absence before; Fedora and its kin ship none; `python` images have a Python of their own in `/usr/local`.

use super::Host;

/// Images made from Debian or Ubuntu that say in their tag from which release, and have no Python of their own.
const ON_DEBIAN: [&str; 19] = [
    "buildpack-deps",
    "node",
    "golang",
    "rust",
    "ruby",
    "php",
    "perl",
    "gcc",
    "openjdk",
    "eclipse-temurin",
    "erlang",
    "elixir",
    "postgres",
    "redis",
    "nginx",
    "httpd",
    "nvidia/cuda",
    "devcontainers/base",
    "dotnet/sdk",
];

/// Code names, and whether pip is refused there. Debian's first, then Ubuntu's.
const RELEASES: [(&str, bool); 18] = [
    ("buster", false),
    ("bullseye", false),
    ("bookworm", true),
    ("trixie", true),
    ("forky", true),
    ("sid", true),
    ("bionic", false),
    ("focal", false),
    ("hirsute", false),
    ("jammy", false),
    ("kinetic", false),
    ("lunar", true),
    ("mantic", true),
    ("noble", true),
    ("oracular", true),
    ("plucky", true),
    ("questing", true),
    ("resolute", true),
];

/// Names that move from release to release, in the tags of Debian's and Ubuntu's own images only.
const MOVING: [(&str, bool); 9] = [
    ("oldoldstable", false),
    ("oldstable", true),
    ("stable", true),
    ("testing", true),
    ("unstable", true),
    ("rc-buggy", true),
    ("latest", true),
    ("rolling", true),
    ("devel", true),
];

/// Returns the machine that an image makes, of which nothing is known where its name has a variable in it.
pub(super) fn host(name: &str) -> Host {
    let managed = if name.contains('$') { None } else { is_managed(name) };
    Host::Image { name: name.to_owned(), managed }
}

/// Tells whether pip is refused by the Python of an image's operating system; `None` where that is not known.
fn is_managed(image: &str) -> Option<bool> {
    let image = image.split('@').next().unwrap_or_default();
    let (name, tag) = match image.rsplit_once(':') {
        // `registry:5000/name` has a port and no tag.
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (image, None),
    };
    let tag = tag.unwrap_or("latest");
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    match name {
        "debian" => release(tag).or_else(|| moving(tag)).or_else(|| from_number(tag, 12, 0)),
        "ubuntu" => release(tag).or_else(|| moving(tag)).or_else(|| from_number(tag, 23, 4)),
        "alpine" => from_number(tag, 3, 19).or(matches!(tag, "latest" | "edge").then_some(true)),
        "archlinux" | "archlinux/archlinux" => Some(true),
        "fedora" | "centos" | "rockylinux" | "almalinux" | "python" | "pypy" => Some(false),
        _ if ON_DEBIAN.iter().any(|it| name == *it || name.ends_with(&format!("/{it}")) && it.contains('/')) => {
            release(tag).or_else(|| {
                // `12.4.1-runtime-ubuntu24.04`, `ubuntu-24.04`.
                let version = tag.split_once("ubuntu").map(|(_, rest)| rest.trim_start_matches('-'))?;
                from_number(version, 23, 4)
            })
        }
        _ => None,
    }
}

/// Finds the code name of a release among the parts of a tag.
fn release(tag: &str) -> Option<bool> {
    tag.split(['-', '_', '.']).find_map(|part| RELEASES.iter().find(|(name, _)| *name == part).map(|(_, it)| *it))
}

fn moving(tag: &str) -> Option<bool> {
    MOVING
        .iter()
        .find(|(name, _)| tag.strip_prefix(name).is_some_and(|it| it.is_empty() || it.starts_with('-')))
        .map(|it| it.1)
}

/// Compares the version that a tag begins with.
fn from_number(tag: &str, major: u32, minor: u32) -> Option<bool> {
    let version = tag.split('-').next()?;
    let mut parts = version.split('.').map(str::parse::<u32>);
    let found_major = parts.next()?.ok()?;
    let found_minor = match parts.next() {
        Some(part) => part.ok()?,
        // `3` of Alpine is its newest, `12` of Debian is any.
        None => u32::MAX,
    };
    Some((found_major, found_minor) >= (major, minor))
}

#[cfg(test)]
mod tests {
    use super::is_managed;

    #[test]
    fn images_are_judged_by_what_they_are_made_from() {
        for (image, expected) in [
            ("debian", Some(true)),
            ("debian:12", Some(true)),
            ("debian:12.5-slim", Some(true)),
            ("debian:bookworm-20240101-slim", Some(true)),
            ("debian:11", Some(false)),
            ("debian:bullseye-slim", Some(false)),
            ("docker.io/library/debian:sid@sha256:0123", Some(true)),
            ("debian:experimental", None),
            ("ubuntu:22.04", Some(false)),
            ("ubuntu:23.04", Some(true)),
            ("ubuntu:24.04", Some(true)),
            ("ubuntu:noble", Some(true)),
            ("ubuntu", Some(true)),
            ("alpine:3.18", Some(false)),
            ("alpine:3.20.1", Some(true)),
            ("alpine", Some(true)),
            ("python:3.12-bookworm", Some(false)),
            ("fedora:41", Some(false)),
            ("archlinux:base-devel", Some(true)),
            ("node:20-bookworm-slim", Some(true)),
            ("node:20", None),
            ("nvidia/cuda:12.4.1-runtime-ubuntu24.04", Some(true)),
            ("nvcr.io/nvidia/cuda:12.4.1-devel-ubuntu22.04", Some(false)),
            ("mcr.microsoft.com/devcontainers/base:ubuntu-24.04", Some(true)),
            ("mcr.microsoft.com/devcontainers/python:3.12-bookworm", None),
            ("ghcr.io/me/node:bookworm", None),
            ("registry:5000/tool", None),
            ("", None),
        ] {
            assert_eq!(is_managed(image), expected, "{image}");
        }
    }
}
