//! What is compiled into an interpreter whose file does not tell: names that every build of a version has.
//!
//! In: the version and the platform. Out: names of built-in and of frozen modules.
//!
//! **Invariant:** a name that only some builds have is in no table here; where the file can be read, none is asked.

use std::collections::BTreeSet;

use super::{Implementation, Version};

/// Returns what every build of a version has among `sys.builtin_module_names`.
pub(super) fn built_in(implementation: Implementation, version: &Version, windows: bool) -> BTreeSet<String> {
    if implementation == Implementation::PyPy {
        return COMPILED_INTO_PYPY.iter().map(ToString::to_string).collect();
    }
    let mut names: BTreeSet<String> = COMPILED_IN.iter().map(ToString::to_string).collect();
    if windows {
        names.retain(|it| !matches!(&**it, "posix" | "pwd"));
        names.extend(COMPILED_IN_ON_WINDOWS.iter().map(ToString::to_string));
    }
    let since = COMPILED_IN_SINCE.iter().filter(|(minor, _)| version.minor >= *minor);
    names.extend(since.map(|(_, name)| (*name).to_owned()));
    names
}

/// Returns what CPython freezes even where frozen modules are switched off (`is_essential_frozen_module`).
pub(super) fn needed_frozen() -> BTreeSet<String> {
    NEEDED_FROZEN.iter().map(ToString::to_string).collect()
}

/// Returns what every build of a version freezes.
pub(super) fn frozen(version: &Version) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = FROZEN_ALWAYS.iter().map(ToString::to_string).collect();
    if version.at_least(3, 11) {
        names.extend(FROZEN_SINCE_3_11.iter().map(ToString::to_string));
    }
    if version.at_least(3, 15) {
        names.insert("linecache".to_owned());
    }
    if version.at_least(3, 14) {
        names.remove("os.path");
    }
    names
}

/// Returns what PyPy's own importer calls frozen: nothing from 3.11 on (`_imp.find_frozen` finds none).
pub(super) fn frozen_into_pypy(version: &Version) -> BTreeSet<String> {
    if version.at_least(3, 11) {
        return BTreeSet::new();
    }
    let names = ["_frozen_importlib", "_frozen_importlib_external", "zipimport", "__hello__", "__phello__"];
    names.iter().map(ToString::to_string).collect()
}

/// What the `Setup` file of CPython compiles into every interpreter.
const COMPILED_IN: [&str; 30] = [
    "_abc",
    "_ast",
    "_codecs",
    "_collections",
    "_functools",
    "_imp",
    "_io",
    "_locale",
    "_operator",
    "_signal",
    "_sre",
    "_stat",
    "_string",
    "_symtable",
    "_thread",
    "_tracemalloc",
    "_warnings",
    "_weakref",
    "atexit",
    "builtins",
    "errno",
    "faulthandler",
    "gc",
    "itertools",
    "marshal",
    "posix",
    "pwd",
    "sys",
    "time",
    "xxsubtype",
];

/// What `PC/config.c` adds for every version from 3.8 on; what came or went between them is left out.
const COMPILED_IN_ON_WINDOWS: [&str; 33] = [
    "_bisect",
    "_blake2",
    "_codecs_cn",
    "_codecs_hk",
    "_codecs_iso2022",
    "_codecs_jp",
    "_codecs_kr",
    "_codecs_tw",
    "_contextvars",
    "_csv",
    "_datetime",
    "_heapq",
    "_json",
    "_lsprof",
    "_md5",
    "_multibytecodec",
    "_opcode",
    "_pickle",
    "_random",
    "_sha1",
    "_sha3",
    "_statistics",
    "_struct",
    "_winapi",
    "array",
    "binascii",
    "cmath",
    "math",
    "mmap",
    "msvcrt",
    "nt",
    "winreg",
    "zlib",
];

const COMPILED_IN_SINCE: [(u8, &str); 4] =
    [(11, "_tokenize"), (12, "_typing"), (13, "_suggestions"), (13, "_sysconfig")];

const NEEDED_FROZEN: [&str; 3] = ["_frozen_importlib", "_frozen_importlib_external", "zipimport"];

const FROZEN_ALWAYS: [&str; 6] =
    ["_frozen_importlib", "_frozen_importlib_external", "zipimport", "__hello__", "__phello__", "__phello__.spam"];

const FROZEN_SINCE_3_11: [&str; 23] = [
    "abc",
    "codecs",
    "io",
    "_collections_abc",
    "_sitebuiltins",
    "genericpath",
    "ntpath",
    "posixpath",
    "os.path",
    "os",
    "site",
    "stat",
    "importlib.util",
    "importlib.machinery",
    "runpy",
    "__hello_alias__",
    "__hello_only__",
    "__phello_alias__",
    "__phello_alias__.spam",
    "__phello__.__init__",
    "__phello__.ham",
    "__phello__.ham.__init__",
    "__phello__.ham.eggs",
];

/// What `pypy/config/pypyoption.py` puts into every PyPy 3.
const COMPILED_INTO_PYPY: [&str; 40] = [
    "__exceptions__",
    "__pypy__",
    "_abc",
    "_ast",
    "_cffi_backend",
    "_codecs",
    "_collections",
    "_continuation",
    "_csv",
    "_imp",
    "_io",
    "_locale",
    "_lsprof",
    "_multibytecodec",
    "_opcode",
    "_operator",
    "_posixsubprocess",
    "_pickle_support",
    "_random",
    "_rawffi",
    "_signal",
    "_socket",
    "_sre",
    "_string",
    "_struct",
    "_thread",
    "_warnings",
    "_weakref",
    "array",
    "atexit",
    "binascii",
    "builtins",
    "cmath",
    "errno",
    "gc",
    "itertools",
    "marshal",
    "math",
    "sys",
    "time",
];
