"""Asks the interpreter that runs this what it really thinks: one JSON object on standard output.

    python -B ask.py                                the facts: path, prefixes, user site, what is compiled in
    python -B ask.py modules SIZE FIRST PACKAGE...  the spec of every module on the path as well
    python -B ask.py beside ...                     the same for a program in the folder of this file

Of packages, SIZE are sampled from FIRST on and described one level deep, those named by PACKAGE to the bottom. It must
not change what it looks at, so it asks the finders themselves and imports nothing on the way, but for packages that
extend their own path by a line of code. Standard library only, 3.6 and later, with any of `-I -E -s -S`.
"""

import sys


class Bare(object):
    """Stands for the spec of a module that was made without one: old setuptools made its namespaces so."""

    def __init__(self, module):
        self.name = module.__name__
        self.loader = self.origin = None
        self.submodule_search_locations = module.__path__


def spec_of(module):
    """Returns what is known of where a module came from."""
    spec = getattr(module, "__spec__", None)
    return Bare(module) if spec is None and hasattr(module, "__path__") else spec


at_start = {name: spec_of(module) for name, module in list(sys.modules.items())}
# A namespace that a `.pth` file made looks at its portions again when `sys.path` has changed, as it has by the launcher.
for spec in at_start.values():
    list(getattr(spec, "submodule_search_locations", None) or ())
own_folder = []
if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
    own_folder.append(sys.path.pop(0))  # The launcher's own entry.
path_at_start = list(sys.path)
finders = list(sys.meta_path)


def load():
    import collections.abc
    import importlib
    import os

    os.path.isdir("/")  # A `stat` that is none ends only what uses it.
    return collections, importlib, os


# What is needed here may not be on the path: `site` makes that absolute, and beyond a link `..` may then lead where no library
# is. Or it is there, and imports what another file stands in for. Then it is taken from where start-up had its own.
try:
    collections, importlib, os = load()
    is_lost = False
except Exception as error:
    is_lost = getattr(error, "name", None) == "collections"
    for name in set(sys.modules).difference(at_start):
        del sys.modules[name]
    library = at_start["encodings"].origin.rpartition("/encodings/")[0]
    sys.path[:] = [library, library + "/lib-dynload"]
    collections, importlib, os = load()
    for name in ("importlib.machinery", "inspect", "json", "pkgutil"):
        importlib.import_module(name)
    sys.path[:] = path_at_start

import _imp

# What these packages put under names below their own when they are imported, before anything else is.
PUT_BELOW = tuple(package.__name__ + "." for package in (collections, importlib, os) if not is_lost)
put_below = {name: module.__spec__ for name, module in list(sys.modules.items()) if name.startswith(PUT_BELOW)}

# What lies beside this file may have the names of what is needed here.
if sys.argv[1:2] == ["beside"]:
    for name in ("importlib.machinery", "inspect", "json", "pkgutil", "zipimport"):
        importlib.import_module(name)
    sys.path[:0] = own_folder
    del sys.argv[1]

# Always looked into: frozen packages, one with a hook of its own, one whose path is extended.
ALWAYS = ["__phello__", "distutils", "importlib", "os"]
FROZEN_BEFORE_3_11 = ["_frozen_importlib", "_frozen_importlib_external", "zipimport"]
FROZEN_BEFORE_3_11 += ["__hello__", "__phello__", "__phello__.spam"]
# What the projects of `tests/tools/editables.py` have in them: some of it lies in no directory.
USUAL = ["plain", "inner", "deep", "space", "thing", "data", "made", "sub", "part", "away", "_native", "native"]
EXTENDING = ("extend_path(", "declare_namespace(")
KINDS = {
    "BuiltinImporter": "builtin",
    "FrozenImporter": "frozen",
    "zipimporter": "zip",
    "ExtensionFileLoader": "extension",
    "SourcelessFileLoader": "bytecode",
    "SourceFileLoader": "source",
    "DistutilsLoader": "source",
}


def frozen_names():
    """Names that the finder of frozen modules answers: PyPy lists some that it does not find."""
    import importlib.machinery

    find = importlib.machinery.FrozenImporter.find_spec
    return [name for name in listed_as_frozen() if find(name) is not None]


def listed_as_frozen():
    ask = getattr(_imp, "_frozen_module_names", None)
    if ask is not None:
        return sorted(set(ask()))
    return sorted(name for name in FROZEN_BEFORE_3_11 if _imp.is_frozen(name))


def find(name, path):
    spec = at_start.get(name) or put_below.get(name)
    if spec is None:
        return search(name, path)
    # What was imported before `site` made the path absolute has an old spelling of the same text, and nothing else: a
    # second way to the same file, which came onto the path later, is another answer.
    again = search(spec.name, path)  # `os.path` is another module's other name.
    return again if is_made_absolute(*(getattr(it, "origin", None) for it in (spec, again))) else spec


def is_made_absolute(old, new):
    # Where nothing has changed, what is loaded may have further directories on its path.
    is_other = bool(old and new) and str(old) != str(new)
    return is_other and os.path.isfile(str(new)) and os.path.abspath(str(old)) == str(new)


def search(name, path):
    for finder in finders:
        try:
            spec = finder.find_spec(name, path)
        except Exception:  # A finder that lacks what it imports itself, or cannot read an entry, ends the import.
            return None
        if spec is not None:
            return spec
    return None


def places(spec):
    found = getattr(spec, "submodule_search_locations", None)
    # Setuptools puts a name that is no directory on every namespace of an editable install. A package in an archive that
    # cannot be loaded lies nowhere.
    return None if found is None else [place for place in found if place and not place.endswith(".__path_hook__")]


def describe(spec):
    if spec is None:
        return ["unresolved", None, None]
    # scikit-build-core wraps the loader that it found.
    loader = getattr(spec.loader, "_skbuild_loader", spec.loader)
    loader = loader if isinstance(loader, type) else type(loader)
    kind, locations = KINDS.get(loader.__name__), places(spec)
    if kind in ("builtin", "frozen"):
        return [kind, None, locations]
    if kind is None and locations is not None and spec.origin in (None, "namespace"):
        return ["namespace", None, locations]
    if kind != "zip" and locations is not None:
        kind = "package"
    # Bytecode of another Python in an archive has no name.
    if spec.origin == "<unknown>":
        return [kind, None, locations]
    origin = spec.origin
    if origin is None:
        # Setuptools' old hook says of `distutils` that it is there, and tells what it is when that is imported.
        try:
            origin = spec.loader.create_module(spec).__file__
        except ImportError:
            return ["unresolved", None, None]
    # setuptools' finder hands over a path object.
    return [kind, os.fspath(origin), locations]


def children(parent, path, further=()):
    """Describes what lies directly in a package, without importing it: an empty module stands in for it."""
    for name, spec in specs_below(parent, path, further):
        yield name, describe(spec)


def everything_below(parent, path):
    """Describes all that lies in a package, at any depth; `path` may be one that no directory has."""
    for name, spec in specs_below(parent, path, USUAL):
        yield name, describe(spec)
        inside = places(spec)
        if inside is not None and name.count(".") < 6:
            for below in everything_below(name, list(spec.submodule_search_locations)):
                yield below


def specs_below(parent, path, further):
    known = sys.modules.get(parent)
    stand_in = type(sys)(parent)
    stand_in.__path__ = path
    sys.modules[parent] = stand_in
    try:
        for child in sorted(set(listed(path)).union(further, ["no_such_module"])):
            name = parent + "." + child
            yield name, find(name, path)
    finally:
        del sys.modules[parent]
        if known is not None:
            sys.modules[parent] = known


def listed(directories):
    names = set()
    for directory in directories:
        try:
            names.update(name.split(".")[0] for name in os.listdir(directory))
        except OSError:
            pass
    for name in names:
        try:
            name.encode("utf-8")
        except UnicodeEncodeError:
            continue
        if name:
            yield name


def inside_archives():
    """Names of everything in archives: `pkgutil` needs `inspect` for them, and that a module which may not be there."""
    import zipimport

    for directory in sys.path:
        if not os.path.isdir(directory):
            try:
                importer = zipimport.zipimporter(directory)
            except Exception:
                continue
            for name in list(zipimport._zip_directory_cache[importer.archive]):
                if name.startswith(importer.prefix):
                    yield name[len(importer.prefix) :].split(os.sep)[0].split(".")[0]


def mapped():
    for module in list(sys.modules.values()):
        for table in ("MAPPING", "NAMESPACES"):
            if getattr(module, "__name__", "").startswith("__editable__"):
                for name in getattr(module, table, ()):
                    yield name.split(".")[0]


def path_of(name, spec):
    """Returns where the submodules of a package are searched."""
    origin = getattr(spec, "origin", None)
    if origin and str(origin).endswith("__init__.py") and os.path.isfile(str(origin)):
        with open(str(origin), encoding="utf-8", errors="replace") as source:
            text = source.read()
        if any(word in text for word in EXTENDING) and "def " + EXTENDING[0] not in text:
            return ("import", name)
    return ("spec", places(spec))


def answers(size, first, named):
    names = {name.split(".")[0] for name in at_start}
    # Before 3.11 the names of what is frozen are no list of Python's own, so they are not asked for as modules.
    frozen = frozen_names() if hasattr(_imp, "_frozen_module_names") else []
    names.update(sys.builtin_module_names, (name.split(".")[0] for name in frozen))
    names.update(listed(sys.path), inside_archives(), mapped(), ["no_such_module", "PIP", "", "json_"])
    # Setuptools' hook imports setuptools to answer for `distutils`, which takes longer than all the rest: one in four is
    # asked for it, or who names it. It stops answering once it was asked for `pip`.
    distutils = {}
    if first % 4 == 0 or "distutils" in named:
        search_path = list(sys.path)
        distutils["distutils"] = describe(find("distutils", None))
        sys.path[:] = search_path
    names = sorted(names - {"", "distutils"})
    specs = {name: find(name, None) for name in names}
    packages = [name for name in names if places(specs[name]) is not None]
    step = max(1, len(packages) // size)
    sample = [name for name in packages if name in ALWAYS] + packages[first % step :: step]
    later = []
    found = {name: describe(spec) for name, spec in specs.items()}
    for name in sorted(set(sample)):
        how, path = path_of(name, specs[name])
        if how == "import":
            later.append(name)
        elif path:
            found.update(children(name, path))
    for name in set(named).difference(distutils):
        spec = specs.get(name) or find(name, None)
        found[name] = describe(spec)
        if places(spec) is not None:
            found.update(everything_below(name, list(spec.submodule_search_locations)))
    found["os.path"] = describe(find("os.path", None))
    if find("importlib", None) is not None:
        found["importlib._bootstrap"] = describe(sys.modules["importlib._bootstrap"].__spec__)
    found.update(distutils)
    for name in later:
        try:
            path = list(__import__(name).__path__)
        except Exception:  # A package that cannot be imported has no path to compare.
            continue
        found.update(children(name, path))
    return found


def user_site(site):
    """Returns the user site; what old virtualenvs put in place of `site` has no function for it."""
    return site.getusersitepackages() if hasattr(site, "getusersitepackages") else site.USER_SITE


def facts():
    import importlib.machinery

    try:
        import site
    except Exception:
        site = None  # PyPy goes on where `site` fails.

    return {
        "version": list(sys.version_info),
        "implementation": sys.implementation.name,
        "executable": sys.executable,
        "path": path_at_start,
        "stdlib": getattr(sys, "_stdlib_dir", None),  # From 3.11 on.
        "library": os.path.dirname(getattr(os, "__file__", "")),
        "prefix": sys.prefix,
        "exec_prefix": sys.exec_prefix,
        "base_prefix": sys.base_prefix,
        "base_exec_prefix": sys.base_exec_prefix,
        "user_site": None if sys.flags.no_site or not hasattr(site, "USER_SITE") else user_site(site),
        "user_site_enabled": bool(getattr(site, "ENABLE_USER_SITE", False)),
        # PyPy up to 7.3.19 keeps the program's folder away under `-I` and does not say so.
        "safe_path": bool(sys.flags.isolated or getattr(sys.flags, "safe_path", False)),
        "builtin": sorted(sys.builtin_module_names),
        "frozen": frozen_names(),
        "suffixes": list(importlib.machinery.EXTENSION_SUFFIXES),
    }


def text_of(value):
    """Writes JSON; `import json` would take a quarter of the time of every start."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        return "{" + ",".join(quoted(key) + ":" + text_of(value[key]) for key in value) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(text_of(item) for item in value) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def quoted(value):
    plain = "'" + value + "'"
    if '"' not in value and repr(value) == plain:
        return '"' + value + '"'
    import json

    return json.dumps(value)


def main():
    said = {}
    if sys.argv[1:2] == ["modules"]:
        said["modules"] = answers(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
    said["facts"] = facts()
    sys.stdout.buffer.write(text_of(said).encode("utf-8"))


main()
