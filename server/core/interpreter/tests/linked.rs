//! Programs as linkers leave them: configured for a place that no machine has, or with their code in a library beside them.
//!
//! **Invariant:** the files are made here, byte by byte, with no more in them than the loader and `getpath` ask for.

use super::*;

/// What `getpath` has among its constants where `--prefix=/install` was said, as python-build-standalone says it.
const CONFIGURED: &str = "\0WITH_NEXT_FRAMEWORK\0/install\0EXEC_PREFIX\0../source\0VPATH\0";

/// An ELF file that needs these libraries, looks for them there, and has these constants.
fn program(needed: &[&str], run_path: &str, constants: &str) -> Vec<u8> {
    let (mut names, mut dynamic) = (b"\0".to_vec(), Vec::new());
    for (tag, text) in needed.iter().map(|it| (1_u64, *it)).chain([(29, run_path)]) {
        dynamic.extend([tag, names.len() as u64].map(u64::to_le_bytes).concat());
        names.extend(text.bytes().chain([0]));
    }
    let titles = b"\0.dynstr\0.dynamic\0.rodata\0.shstrtab\0";
    // Name, type, content.
    let sections: [(u32, u32, &[u8]); 4] =
        [(1, 3, &names), (9, 6, &dynamic), (18, 1, constants.as_bytes()), (26, 3, titles)];
    let mut file = vec![0; 64];
    let mut headers = vec![0; 64];
    for (name, kind, content) in sections {
        file.resize(file.len().next_multiple_of(8), 0);
        headers.extend([name, kind].map(u32::to_le_bytes).concat());
        let numbers = [0, 0, file.len() as u64, content.len() as u64, 0, 8, if kind == 6 { 16 } else { 0 }];
        headers.extend(numbers.map(u64::to_le_bytes).concat());
        file.extend_from_slice(content);
    }
    file.resize(file.len().next_multiple_of(8), 0);
    let at = file.len() as u64;
    file[..8].copy_from_slice(b"\x7fELF\x02\x01\x01\0");
    file[16..24].copy_from_slice(&[3, 0, 0x3e, 0, 1, 0, 0, 0]);
    file[40..48].copy_from_slice(&at.to_le_bytes());
    file[52..64].copy_from_slice(&[64, 0, 0, 0, 0, 0, 64, 0, 5, 0, 4, 0]);
    file.extend(headers);
    file
}

#[test]
fn a_program_that_was_moved_falls_back_on_where_it_was_built_for() {
    let mut system = MemorySystem::default();
    system.write_executable("/data/py/bin/python3.13", program(&["libc.so.6"], "", CONFIGURED));
    system.write("/data/py/lib/python3.13/os.py", "").write("/data/py/lib/python3.13/encodings/__init__.py", "");
    let found = start(&system, "/data/py/bin/python3.13");
    assert_eq!((found.does_not_start, found.base_prefix.as_str()), (None, "/data/py"));
    // Nothing around it has extension modules, so they are looked for where no machine has any.
    assert_eq!(found.base_exec_prefix, "/install");
    assert!(found.search_path.iter().any(|it| it.path == "/install/lib/python3.13/lib-dynload"));
    // Only links to files are followed: by a linked folder, or under another's name, no library is found.
    system.link("/linked/bin", "/data/py/bin");
    let reason = start(&system, "/linked/bin/python3.13").does_not_start;
    assert_eq!(reason.as_deref(), Some("its standard library is not in `/install/lib/python3.13`"));
    system.set_variable("PYTHONEXECUTABLE", "/usr/bin/python3");
    assert!(start(&system, "/data/py/bin/python3.13").does_not_start.is_some());
}

#[test]
fn a_build_knows_the_way_to_its_sources() {
    let mut system = MemorySystem::default();
    system.write_executable("/w/build/python3.13", program(&[], "", CONFIGURED));
    system.write("/w/build/pybuilddir.txt", "build/lib").write("/w/source/Lib/os.py", "");
    system.write("/install/lib/python3.13/os.py", "");
    assert_eq!(start(&system, "/w/build/python3.13").stdlib, "/w/source/Lib");
}

#[test]
fn a_program_without_its_library_does_not_start() {
    const LIBRARY: &str = "libpython3.13t.so.1.0";
    let mut system = MemorySystem::default();
    let linked = program(&["libc.so.6", LIBRARY], "$ORIGIN/../lib", "");
    system.write_executable("/data/py/bin/python3.13t", linked.clone());
    system.write(format!("/data/py/lib/{LIBRARY}"), program(&[], "", CONFIGURED));
    system.write("/data/py/lib/python3.13t/os.py", "").create_directory("/data/py/lib/python3.13t/lib-dynload");
    system.write("/data/py/lib/python3.13t/encodings/__init__.py", "");
    system.write("/data/py/lib/python3.13t/_sysconfigdata_t_linux_x86_64-linux-gnu.py", "");
    system.write("/v/pyvenv.cfg", "home = /data/py/bin\n").link("/v/bin/python", "/data/py/bin/python3.13t");
    system.write("/etc/ld.so.cache", "libc.so.6\0/lib/libc.so.6\0");
    let found = start(&system, "/v/bin/python");
    assert_eq!((found.does_not_start, found.base_prefix.as_str()), (None, "/data/py"));
    assert_eq!(found.abi.as_deref(), Some("cpython-313t-x86_64-linux-gnu"));

    // As `venv --copies` makes it: the library is not beside it any more.
    system.remove("/v/bin/python").write_executable("/v/bin/python", linked);
    let copied = |system: &MemorySystem| start(system, "/v/bin/python").does_not_start;
    assert_eq!(copied(&system).as_deref(), Some("the loader does not find `libpython3.13t.so.1.0`"));
    // Somebody told the loader; or nobody knows what it was told.
    let mut told = system.clone();
    told.set_variable("LD_LIBRARY_PATH", "/nowhere:/data/py/lib");
    assert_eq!(copied(&told), None);
    system.write("/etc/ld.so.cache", format!("{LIBRARY}\0/data/py/lib/{LIBRARY}\0"));
    assert_eq!(copied(&system), None);
    system.remove("/etc/ld.so.cache");
    assert_eq!(copied(&system), None);
}
