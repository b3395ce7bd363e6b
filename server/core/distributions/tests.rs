//! Ownership, one form of metadata after the other.
//!
//! In: what an installer leaves, in memory. Out: the distribution that owns a path.
//!
//! **Invariant:** the metadata in these tests has the shape that pip, uv, setuptools and Debian really write.

use camino::Utf8Path;

use super::{Distributions, metadata};
use crate::interpreter::{Finder, FinderTarget, Precedence, Reach};
use crate::origin::{Evidence, ImportRoot, Origin};
use crate::project::normalize_name;
use crate::resolve::{Resolver, tests::python};
use crate::system::Platform;
use crate::system::memory::MemorySystem;

fn owner(system: &MemorySystem, inside: &str) -> Option<String> {
    let root = Utf8Path::new("/site");
    let found = Distributions::new(system).owner(root, &root.join(inside))?;
    Some(format!("{} {}", found.name, found.version))
}

#[test]
fn names_are_normalized_as_pep_503_says() {
    assert_eq!(normalize_name("Zope.Interface"), "zope-interface");
    assert_eq!(normalize_name("ruamel__yaml-.clib"), "ruamel-yaml-clib");
}

#[test]
fn the_import_name_is_not_the_distributions_name() {
    let mut system = MemorySystem::default();
    system
        .write("/site/yaml/__init__.py", "")
        .write(
            "/site/PyYAML-6.0.2.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: PyYAML\nVersion: 6.0.2\n\nName: no",
        )
        .write("/site/PyYAML-6.0.2.dist-info/INSTALLER", "pip\n")
        .write(
            "/site/PyYAML-6.0.2.dist-info/RECORD",
            "\"yaml/__init__.py\",sha256=x,1\nPyYAML-6.0.2.dist-info/RECORD,,\n",
        )
        .write("/site/other-1.dist-info/RECORD", "other.py,,\n../../../bin/yaml,,\n");
    let found = Distributions::new(&system).owner("/site".into(), "/site/yaml/__init__.py".into()).unwrap();
    assert_eq!((found.name.as_str(), found.version.as_str()), ("PyYAML", "6.0.2"));
    assert_eq!(found.installer.as_deref(), Some("pip"));
    assert_eq!(found.metadata, "/site/PyYAML-6.0.2.dist-info");
    assert_eq!(owner(&system, "other.py").as_deref(), Some("other 1"), "no METADATA: the file name says it");
    assert_eq!(owner(&system, "stray.py"), None);
    assert_eq!(owner(&system, "yaml/stray.py"), None, "lists are believed");
}

#[test]
fn a_name_that_fits_is_not_enough() {
    let mut system = MemorySystem::default();
    system
        .write("/site/six-1.dist-info/RECORD", "six_the_other.py,,\n")
        .write("/site/zulu-2.dist-info/RECORD", "six.py,,\n");
    assert_eq!(owner(&system, "six.py").as_deref(), Some("zulu 2"));
}

#[test]
fn namespace_packages_are_owned_by_full_path() {
    let mut system = MemorySystem::default();
    system
        .write("/site/google_auth-1.dist-info/RECORD", "google/auth/__init__.py,,\n")
        .write("/site/google_cloud_storage-2.dist-info/RECORD", "google/cloud/storage/__init__.py,,\n");
    assert_eq!(owner(&system, "google/cloud/storage/__init__.py").as_deref(), Some("google_cloud_storage 2"));
    assert_eq!(owner(&system, "google/auth/__init__.py").as_deref(), Some("google_auth 1"));
    assert_eq!(owner(&system, "google/cloud").as_deref(), Some("google_cloud_storage 2"));
}

#[test]
fn what_setuptools_and_debian_leave() {
    let mut system = MemorySystem::default();
    system
        .write("/site/PyJWT-2.6.0.egg-info/PKG-INFO", "Name: PyJWT\nVersion: 2.6.0\n")
        .write("/site/PyJWT-2.6.0.egg-info/top_level.txt", "jwt\n")
        .write("/site/old-1.egg-info/PKG-INFO", "Name: Old\nVersion: 1\n")
        .write("/site/old-1.egg-info/installed-files.txt", "../ancient/__init__.py\nPKG-INFO\n")
        .write("/site/python_apt-2.6.0.egg-info", "Metadata-Version: 1.1\nName: python-apt\nVersion: 2.6.0\n")
        .write("/site/empty-3.dist-info/RECORD", "empty-3.dist-info/METADATA,,\nempty-3.dist-info/RECORD,,\n")
        .write("/site/empty-3.dist-info/METADATA", "Name: empty\nVersion: 3\n");
    assert_eq!(owner(&system, "jwt/__init__.py").as_deref(), Some("PyJWT 2.6.0"));
    assert_eq!(owner(&system, "ancient/__init__.py").as_deref(), Some("Old 1"));
    assert_eq!(owner(&system, "python_apt.py").as_deref(), Some("python-apt 2.6.0"));
    assert_eq!(owner(&system, "empty/__init__.py").as_deref(), Some("empty 3"));
    assert_eq!(owner(&system, "apt/__init__.py"), None, "no guess from a part of a name");
}

#[test]
fn eggs_belong_to_themselves() {
    let mut system = MemorySystem::default();
    let egg = Utf8Path::new("/site/foo_bar-1.2-py3.11.egg");
    system.write(egg.join("EGG-INFO/PKG-INFO"), "Name: foo-bar\nVersion: 1.2\n");
    let found = Distributions::new(&system).owner(egg, &egg.join("foo_bar.py")).unwrap();
    assert_eq!((found.name.as_str(), found.version.as_str()), ("foo-bar", "1.2"));
    let zipped = Utf8Path::new("/site/zipped-3-py3.11.egg");
    system.write(zipped, "PK");
    let found = Distributions::new(&system).owner(zipped, &zipped.join("zipped.pyc")).unwrap();
    assert_eq!((found.name.as_str(), found.version.as_str()), ("zipped", "3"));
}

#[test]
fn the_project_of_an_editable_install() {
    let mut system = MemorySystem::default();
    let url = r#"{"dir_info": {"editable": true}, "url": "file:///home/me/my%20proj"}"#;
    system
        .write("/site/proj-1.dist-info/direct_url.json", url)
        .write("/site/proj-1.dist-info/RECORD", "__editable__.proj-1.pth,,\nproj-1.dist-info/RECORD,,\n")
        .write("/site/zed-1.dist-info/RECORD", "__editable__.zed-1.pth,,\n");
    let root = Utf8Path::new("/site");
    let found = Distributions::new(&system).owner(root, &root.join("__editable__.proj-1.pth")).unwrap();
    assert_eq!(found.name, "proj");
    assert_eq!(found.editable.as_deref(), Some(Utf8Path::new("/home/me/my proj")));
    system.write("/site/proj-1.dist-info/direct_url.json", "{ broken");
    let found = Distributions::new(&system).owner(root, &root.join("__editable__.proj-1.pth")).unwrap();
    assert_eq!(found.editable, None);
}

#[test]
fn the_distribution_behind_a_source_tree() {
    let mut system = MemorySystem::default();
    let editable = |project: &str| format!(r#"{{"dir_info": {{"editable": true}}, "url": "file://{project}"}}"#);
    system
        .write("/one/flat-1.dist-info/RECORD", "flat.pth,,\nflat-1.dist-info/RECORD,,\n")
        .write("/one/flat-1.dist-info/direct_url.json", editable("/src/flat"))
        .write("/src/flat/src/flat_module.py", "")
        .write("/one/hook-2.dist-info/RECORD", "__editable__.hook-2.pth,,\nhook-2.dist-info/RECORD,,\n")
        .write("/src/hook/hooked/__init__.py", "")
        .write("/one/site-packages/url-3.dist-info/direct_url.json", editable("/src/url"))
        .write("/one/site-packages/outer-3.dist-info/direct_url.json", editable("/src"))
        .write("/src/url/lib/by_url.py", "")
        .write("/src/develop/Old.egg-info/PKG-INFO", "Name: Old\nVersion: 4\n")
        .write("/src/develop/Old.egg-info/top_level.txt", "developed\n")
        .write("/src/develop/developed.py", "");
    let mut interpreter = python(11);
    let line = |path: &str| Evidence::line(path.into(), 1);
    let added = [
        ("/one/site-packages", Origin::SitePackages, Evidence::BuiltIn),
        ("/src/flat/src", Origin::Editable, line("/one/flat.pth")),
        ("/src/url/lib", Origin::PathFile, line("/one/handmade.pth")),
        ("/src/develop", Origin::PathFile, line("/one/easy-install.pth")),
    ];
    for (path, origin, evidence) in added {
        interpreter.search_path.push(ImportRoot { path: path.into(), origin, exists: true, same_as: None, evidence });
    }
    interpreter.finders.push(Finder {
        path_file: "/one/__editable__.hook-2.pth".into(),
        line: 1,
        precedence: Precedence::Last,
        reach: Reach::Children,
        placeholder: None,
        modules: vec![("hooked".to_owned(), FinderTarget::Stem("/src/hook/hooked".into()))],
    });
    let rows = [
        ("flat_module", "flat 1", Some("/src/flat")),
        ("hooked", "hook 2", None),
        ("by_url", "url 3", Some("/src/url")),
    ];
    let owner = |name: &str| {
        let resolution = Resolver::new(&system, &interpreter, &[]).resolve(name);
        Distributions::new(&system).editable_owner(&interpreter, &resolution).unwrap()
    };
    for (name, expected, project) in rows {
        let found = owner(name);
        assert_eq!(format!("{} {}", found.name, found.version), expected, "{name}");
        assert_eq!(found.editable.as_deref(), project.map(Utf8Path::new), "{name}");
    }
    system.remove("/one/site-packages/outer-3.dist-info");
    let resolution = Resolver::new(&system, &interpreter, &[]).resolve("developed");
    let found = Distributions::new(&system).editable_owner(&interpreter, &resolution).unwrap();
    assert_eq!((found.name.as_str(), found.editable.as_deref()), ("Old", Some(Utf8Path::new("/src/develop"))));
    system.write("/one/site-packages/Old.egg-link", "/src/develop\n../");
    let found = Distributions::new(&system).editable_owner(&interpreter, &resolution).unwrap();
    assert_eq!(found.editable.as_deref(), Some(Utf8Path::new("/src")));
}

#[test]
fn an_editable_project_of_windows_has_a_drive() {
    let mut system = MemorySystem::of(Platform::Windows);
    let text = r#"{"url": "file:///C:/my%20app", "dir_info": {"editable": true}}"#;
    system.write("C:/site/app-1.dist-info/direct_url.json", text);
    assert_eq!(metadata::editable_project(&system, "C:/site/app-1.dist-info".into()), Some("C:/my app".into()));
}
