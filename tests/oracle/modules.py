"""What a real interpreter says about modules: printed as one JSON object, name by name.

It must not change what it looks at, so it asks the finders themselves and imports nothing on the way, but for packages
that extend their own path by a line of code. Packages that are named as arguments are described to the bottom. Runs on
Python 3.6 and later.
"""

import sys

at_start = {name: getattr(module, "__spec__", None) for name, module in list(sys.modules.items())}
# A namespace that a `.pth` file made looks at its portions again when `sys.path` has changed, as it has by the launcher.
for spec in at_start.values():
    list(getattr(spec, "submodule_search_locations", None) or ())
sys.path.pop(0)  # The launcher's own entry.
finders = list(sys.meta_path)

import json
import os

try:
    from _imp import _frozen_module_names as frozen_names
except ImportError:
    frozen_names = list

SAMPLE = 40
ALWAYS = ["__phello__", "collections", "concurrent", "distutils", "encodings", "importlib", "os", "setuptools", "xml"]
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


def find(name, path):
    # Its own imports put a few names there that a fresh interpreter has not; those have the same spec all the same.
    spec = at_start.get(name)
    if spec is None and name.startswith(("importlib.", "os.", "collections.")):
        spec = getattr(sys.modules.get(name), "__spec__", None)
    if spec is not None:
        return spec
    for finder in finders:
        spec = finder.find_spec(name, path)
        if spec is not None:
            return spec
    return None


def places(spec):
    found = getattr(spec, "submodule_search_locations", None)
    # Setuptools puts a name that is no directory on every namespace of an editable install.
    return None if found is None else [place for place in found if not place.endswith(".__path_hook__")]


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
    # setuptools' finder hands over a path object.
    return [kind, os.fspath(spec.origin), locations]


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
    import pkgutil

    for directory in sys.path:
        if not os.path.isdir(directory):
            for module in pkgutil.iter_modules([directory]):
                yield module[1]


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


def main():
    names = {name.split(".")[0] for name in at_start}
    names.update(sys.builtin_module_names, (name.split(".")[0] for name in frozen_names()))
    names.update(listed(sys.path), inside_archives(), mapped(), ["no_such_module", "PIP", "", "json_"])
    # Setuptools' hook imports setuptools to answer for `distutils`, and stops answering once it was asked for `pip`.
    search_path = list(sys.path)
    distutils = describe(find("distutils", None))
    sys.path[:] = search_path
    names = sorted(names - {"", "distutils"})
    specs = {name: find(name, None) for name in names}
    packages = [name for name in names if places(specs[name]) is not None]
    step = max(1, len(packages) // SAMPLE)
    sample = [name for name in packages if name in ALWAYS] + packages[::step]
    later = []
    answers = {name: describe(spec) for name, spec in specs.items()}
    for name in sorted(set(sample)):
        how, path = path_of(name, specs[name])
        if how == "import":
            later.append(name)
        elif path:
            answers.update(children(name, path))
    for name in sys.argv[1:]:
        found = specs.get(name) or find(name, None)
        answers[name] = describe(found)
        if places(found) is not None:
            answers.update(everything_below(name, list(found.submodule_search_locations)))
    answers["os.path"] = describe(find("os.path", None))
    answers["importlib._bootstrap"] = describe(sys.modules["importlib._bootstrap"].__spec__)
    answers["distutils"] = distutils
    for name in later:
        try:
            path = list(__import__(name).__path__)
        except Exception:  # A package that cannot be imported has no path to compare.
            continue
        answers.update(children(name, path))
    facts = {
        "path": sys.path,
        "builtin": sorted(sys.builtin_module_names),
        "frozen": sorted(frozen_names()),
        "stdlib": os.path.dirname(os.__file__) if hasattr(os, "__file__") else "",
        "suffixes": __import__("importlib.machinery").machinery.EXTENSION_SUFFIXES,
        "minor": sys.version_info[1],
    }
    json.dump({"answers": answers, "facts": facts}, sys.stdout)


main()
