"""Fills a virtual environment with modules of every shape, the same ones for the same seed.

    python trees.py SITE_PACKAGES SEED

Three directories, an archive, a directory in the archive and a file that is neither, all on the path by way of a `.pth`
file; names that collide between them; legacy namespace packages; setuptools' editable finder, where setuptools is there.
"""

import os
import py_compile
import random
import sys
import zipfile
from importlib.machinery import EXTENSION_SUFFIXES

site, seed = sys.argv[1], int(sys.argv[2])
draw = random.Random(seed)
outside = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(site)))), "outside")
EXTEND = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
NAMESPACE_LINE = (
    "import sys, types, os;has_mfs = sys.version_info > (3, 5);"
    "p = os.path.join(sys._getframe(1).f_locals['sitedir'], *({0!r},));"
    "importlib = has_mfs and __import__('importlib.util');has_mfs and __import__('importlib.machinery');"
    "m = has_mfs and sys.modules.setdefault({0!r}, importlib.util.module_from_spec("
    "importlib.machinery.PathFinder.find_spec({0!r}, [os.path.dirname(p)])));"
    "m = m or sys.modules.setdefault({0!r}, types.ModuleType({0!r}));"
    "mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p)\n"
)


def write(path, text=""):
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    except OSError:
        return  # Another shape of the same name is in the way.
    if not os.path.lexists(path):
        with open(path, "w") as file:
            file.write(text)


def directory(path):
    try:
        os.makedirs(path, exist_ok=True)
    except OSError:
        pass


def link(path, target):
    if not os.path.lexists(path):
        os.symlink(target, path)


def shapes(base, name):
    here = os.path.join(base, name)
    elsewhere = os.path.join(outside, "elsewhere")
    shape = draw.randrange(22)
    if shape < 4:
        write(here + ".py")
    elif shape == 4:
        write(here + ".pyc")
    elif shape == 5:
        write(here + draw.choice(EXTENSION_SUFFIXES))
    elif shape == 6:
        write(here + ".cpython-27-x86_64-linux-gnu.so")
    elif shape < 9:
        write(os.path.join(here, "__init__.py"))
        write(os.path.join(here, draw.choice("ab") + ".py"))
    elif shape == 9:
        write(os.path.join(here, "__init__" + draw.choice(EXTENSION_SUFFIXES + [".pyc"])))
    elif shape < 12:
        write(os.path.join(here, draw.choice("abc"), draw.choice("xy") + ".py"))
    elif shape == 12:
        directory(here)
    elif shape == 13:
        directory(here + ".py")
    elif shape == 14:
        directory(os.path.join(here, "__init__.py"))
    elif shape == 15:
        link(here + ".py", "/nowhere")
    elif shape == 16:
        write(os.path.join(elsewhere, name, "__init__.py"))
        link(here, os.path.join(elsewhere, name))
    elif shape == 17:
        write(os.path.join(elsewhere, name + ".txt"))
        link(here + ".py", os.path.join(elsewhere, name + ".txt"))
    elif shape == 18:
        write(os.path.join(base, name.upper() + ".py"))
    elif shape == 19:
        write(here + draw.choice([".pyi", ".pyw", ".PY", ".so.1", ""]))
    elif shape == 20:
        write(os.path.join(base, "__pycache__", name + ".cpython-311.pyc"))
    else:
        write(os.path.join(here, "__init__.py"), EXTEND)
        write(os.path.join(here, draw.choice("abcd") + ".py"))


def archive(path, names):
    directory(outside)
    source, compiled = os.path.join(outside, "empty.py"), os.path.join(outside, "empty.pyc")
    write(source)
    py_compile.compile(source, cfile=compiled)
    with zipfile.ZipFile(path, "w") as made:
        for prefix in ("", "sub/"):
            for name in names:
                shape = draw.randrange(9)
                if shape < 2:
                    made.write(source, prefix + name + ".py")
                elif shape == 2:
                    made.write(compiled, prefix + name + ".pyc")
                elif shape == 3:
                    made.write(source, prefix + name + "/__init__.py")
                    made.write(source, prefix + name + "/a.py")
                elif shape == 4:
                    made.write(source, prefix + name + "/a.py")
                elif shape == 5:
                    made.writestr(prefix + name + "/", "")
                    made.write(source, prefix + name + "/b.py")
                elif shape == 6:
                    made.write(source, prefix + name + ".so")


def main():
    names = ["name{0}".format(number) for number in range(60)] + ["math", "os", "json", "codecs", "site", "zlib"]
    bases = [site] + [os.path.join(outside, name) for name in ("one", "two")]
    for base in bases:
        directory(base)
        for name in names:
            for _ in range(draw.randrange(3)):
                shapes(base, name)
    zipped = os.path.join(outside, "archive.zip")
    archive(zipped, names)
    write(os.path.join(outside, "plain.txt"), "no archive")
    entries = bases[1:] + [zipped, os.path.join(zipped, "sub"), os.path.join(outside, "plain.txt")]
    draw.shuffle(entries)
    write(os.path.join(site, "entries.pth"), "\n".join(entries) + "\n")
    write(os.path.join(site, "made", "inside.py"))
    write(os.path.join(bases[1], "made", "other.py"))
    if draw.randrange(2):
        write(os.path.join(bases[2], "made", "__init__.py"))
    write(os.path.join(site, "made-nspkg.pth"), NAMESPACE_LINE.format("made"))
    try:
        from setuptools.command.editable_wheel import _finder_template
    except ImportError:
        return
    project = os.path.join(outside, "project")
    mapping = {
        name: os.path.join(project, name) for name in ("edit_package", "edit_module", "edit_gone", "name1", "sys")
    }
    write(os.path.join(project, "edit_package", "__init__.py"))
    write(os.path.join(project, "edit_package", "a.py"))
    for name in ("edit_module.py", "name1.py", "sys.py"):
        write(os.path.join(project, name))
    write(os.path.join(project, "edit_space", "x.py"))
    spaces = {"edit_space": [os.path.join(project, "edit_space")], "name2": [os.path.join(project, "edit_space")]}
    finder = "__editable___edit_1_0_finder"
    write(os.path.join(site, finder + ".py"), _finder_template("edit-1.0", mapping, spaces))
    line = "import {0}; {0}.install()".format(finder)
    write(os.path.join(site, "__editable__.edit-1.0.pth"), line)


main()
