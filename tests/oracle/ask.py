"""Asks the interpreter that runs this what it really thinks, as one JSON object on standard output.

Run it with `-B`, and with any of `-I -E -s -S`. With `modules` as its argument it also reports the spec of every
top-level module that can be imported. Standard library only, 3.6 and later; nothing is changed.
"""

import sys

# Before any import of ours can run code that edits the path.
PATH_AT_START = list(sys.path)


def searched_path():
    """The path without the launcher's own entry, which is this script's directory, put in front."""
    flags = sys.flags
    if flags.isolated or getattr(flags, "safe_path", False):
        return PATH_AT_START
    return PATH_AT_START[1:]


PATH = searched_path()
sys.path[:] = PATH

import importlib.machinery as machinery
import json
import os
import sysconfig
import _imp

try:
    import site
except Exception:
    # PyPy goes on where `site` fails.
    site = None


def frozen_names():
    """Names that the finder of frozen modules answers: PyPy lists some that it does not find."""
    return [name for name in listed_as_frozen() if machinery.FrozenImporter.find_spec(name) is not None]


def listed_as_frozen():
    ask = getattr(_imp, "_frozen_module_names", None)
    if ask is not None:
        return sorted(set(ask()))
    known = [
        "_frozen_importlib",
        "_frozen_importlib_external",
        "zipimport",
        "__hello__",
        "__phello__",
        "__phello__.spam",
    ]
    return sorted(name for name in known if _imp.is_frozen(name))


def candidates():
    """Names of top-level modules that may be importable: from every listing, plus what is compiled in."""
    names = set(sys.builtin_module_names) | set(frozen_names()) | set(getattr(sys, "stdlib_module_names", ()))
    suffixes = sorted(machinery.all_suffixes(), key=len, reverse=True)
    for entry in PATH:
        try:
            listed = os.listdir(entry)
        except OSError:
            continue
        for name in listed:
            for suffix in suffixes:
                if name.endswith(suffix):
                    name = name[: -len(suffix)]
                    break
            names.add(name)
    return sorted(name for name in names if name and "." not in name and name not in ("__main__", "ask"))


def kind_of(spec):
    loader = spec.loader
    if loader is None:
        return "namespace"
    name = loader.__name__ if isinstance(loader, type) else type(loader).__name__
    return {
        "BuiltinImporter": "builtin",
        "FrozenImporter": "frozen",
        "SourceFileLoader": "source",
        "SourcelessFileLoader": "bytecode",
        "ExtensionFileLoader": "extension",
        "NamespaceLoader": "namespace",
        "_NamespaceLoader": "namespace",
        "zipimporter": "zip",
    }.get(name, name)


def spec_of(name):
    """What the finders answer, whatever is in `sys.modules` already."""
    try:
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, None) if find is not None else None
            if spec is not None:
                break
        else:
            return None
    except Exception as error:
        return {"error": "%s: %s" % (type(error).__name__, error)}
    locations = spec.submodule_search_locations
    return {
        "kind": kind_of(spec),
        "origin": spec.origin if spec.has_location else None,
        "locations": None if locations is None else [str(it) for it in locations],
    }


def answer():
    out = {
        "version": list(sys.version_info),
        "implementation": sys.implementation.name,
        "executable": sys.executable,
        "path": PATH,
        "prefix": sys.prefix,
        "exec_prefix": sys.exec_prefix,
        "base_prefix": sys.base_prefix,
        "base_exec_prefix": sys.base_exec_prefix,
        "user_site": None if sys.flags.no_site or site is None else site.getusersitepackages(),
        "user_site_enabled": bool(site and site.ENABLE_USER_SITE),
        "builtin": sorted(sys.builtin_module_names),
        "frozen": frozen_names(),
        "suffixes": list(machinery.EXTENSION_SUFFIXES),
        "abi": sysconfig.get_config_var("SOABI") if "modules" in sys.argv or "abi" in sys.argv else None,
        "finders": [str(finder) for finder in sys.meta_path],
    }
    if "modules" in sys.argv:
        out["modules"] = {name: spec_of(name) for name in candidates()}
    return out


json.dump(answer(), sys.stdout, sort_keys=True)
sys.stdout.write("\n")
