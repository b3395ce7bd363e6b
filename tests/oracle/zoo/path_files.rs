//! `.pth` files of all sorts, one environment for each.

use camino::Utf8Path;

use super::super::environments::{link, namespace_line, old_namespace_line, replaced, site_packages, write};
use super::super::python::{Python, Start, all};
use super::super::scope;
use super::{Environment, Habitat};

/// Names and contents of files; `ROOT` stands for a folder with directories `A`, `B` and the archive `Z.zip`, `SPACE` for
/// setuptools' line that makes a namespace of `sub`, `DEEP` for one of `sub.deep`, `OLD` for an old one of `sub`, `HACK` for the
/// line of its `distutils-precedence.pth`, `SHIM` for what that imports, `LONG` for more than is decoded at once.
const ROWS: &[&[(&str, &[u8])]] = &[
    &[("x.pth", b"ROOT/A")],
    &[("x.pth", b"ROOT/A\r\nROOT/B\r\n")],
    &[("x.pth", b"ROOT/A\rROOT/B\r")],
    &[("x.pth", b"ROOT/A   \nROOT/B/\nROOT//A\n")],
    &[("x.pth", b"sub\n./sub/../sub\n")],
    &[("x.pth", b"  ROOT/A\n\tROOT/B\n")],
    &[("x.pth", b"  import sys; sys.path.append('ROOT/B')\nROOT/A\n")],
    &[("x.pth", b"ROOT/Z.zip\nROOT/missing\nROOT/file\n")],
    &[("x.pth", b"\"ROOT/A\"\n~/A\n$HOME/A\n")],
    &[("x.pth", b"\xef\xbb\xbfROOT/A\nROOT/B\n")],
    &[("x.pth", b"ROOT/\xe9\n")],
    &[("x.pth", "ROOT/A\x0cROOT/B\n".as_bytes())],
    &[("x.pth", "ROOT/A\u{2028}ROOT/B\u{85}ROOT/C\n".as_bytes())],
    &[(".h.pth", b"ROOT/A\n"), ("x.PTH", b"ROOT/B\n")],
    &[("B.pth", b"ROOT/B\n"), ("_z.pth", b"ROOT/C\n"), ("a.pth", b"ROOT/A\n")],
    &[("x.pth", b"ROOT/A\nimport nope_nope\nROOT/B\n"), ("y.pth", b"ROOT/C\n")],
    &[("x.pth", b"ROOT/A\nimport sys; sys.path.append(\nROOT/B\n")],
    &[("x.pth", b"ROOT/A\nimport bad-syntax\nROOT/B\n"), ("y.pth", b"import nosuch\0module\nROOT/C\n")],
    &[("x.pth", b"import sys; sys.path.append('ROOT/B')\nROOT/A\n")],
    &[("x.pth", b"import sys; sys.path.insert(0, 'ROOT/B')\n"), ("y.pth", b"ROOT/A\n")],
    &[(
        "x.pth",
        b"import sys; sys.path.insert(0, 'ROOT/B'); sys.path.insert(-1, 'ROOT/C'); sys.path.insert(99, 'ROOT/A')\n",
    )],
    &[("x.pth", b"import sys; sys.path.extend(['ROOT/B', 'ROOT/missing', 'ROOT/B'])\nROOT/B\n")],
    &[("x.pth", b"import\tsys\nimport sys, os\nimportlib\nimport_x\nROOT/A\n")],
    &[("x.pth", b"import math, json; import zlib\nROOT/A\n")],
    &[("x.pth", b"import os; x = 1; y = [z for z in (1, 2)]\nROOT/A\n")],
    &[("a.pth", b"ROOT/B\n"), ("a.start", b"")],
    &[("a.pth", b"ROOT/B\nimport sys; sys.path.append('ROOT/A')\n"), ("a.start", b"")],
    &[("a.pth", b"import sys; sys.path.append('ROOT/A')\n"), ("a.start", b"# nothing\n\n")],
    &[("a.pth", b"import sys; sys.path.append('ROOT/A')\n"), ("a.start", b"\xef\xbb\xbfos:getcwd\n  os:getpid  \n")],
    &[("a.pth", b"import sys; sys.path.append('ROOT/A')\n"), ("a.start", b"# caf\xe9\n")],
    &[("a.pth", b"import sys; sys.path.append('ROOT/A')\n"), ("a.start", b"nope_nope:x\nnot an entry\nos:nope\n")],
    &[
        ("a.pth", b"import sys; sys.path.append('ROOT/A')\n"),
        ("a.start", b"os.path\npkg.mod:\n:callable\nos:getcwd:extra\n\n  \n# x\nos.path:abspath\nos:getcwd\nos:getcwd\n"),
    ],
    &[("a.pth", b"import sys; sys.path.append('ROOT/A')\n"), ("a.start", b"\x80\x80\x80\n"), ("b.start", b"")],
    &[("a.pth", b"import sys; sys.path.append('ROOT/A')\n"), (".a.start", b""), ("a.START", b""), ("A.start", b"")],
    &[("x.pth", b"import site; site.addsitedir('ROOT/started')\nROOT/A\n")],
    &[("n.pth", b"import site; site.addsitedir('ROOT/started')\nimport sys; sys.path.append('ROOT/A')\n")],
    &[("x.pth", b"import site; site.addsitedir('ROOT/counted'); site.addsitedir('ROOT/counted')\nROOT/A\n")],
    &[
        ("x.pth", b"import site; site.addsitedir('ROOT/counted')\n"),
        ("y.pth", b"import site; site.addsitedir('ROOT/counted')\nROOT/counted\n"),
    ],
    &[("x.pth", b"ROOT/counted\nimport site; site.addsitedir('ROOT/counted')\n")],
    &[("x.pth", b"import sys; x = (fullname, sitedir)\nROOT/A\n"), ("y.pth", b"import sys; x = sys._getframe(1).f_locals\nROOT/B\n")],
    &[("a.pth", b"import sys; sys.path.append('ROOT/A')\n"), ("a.pth.start", b""), ("a.start.start", b"")],
    &[("a.b.pth", b"import sys; sys.path.append('ROOT/A')\n"), ("a.b.start", b""), ("a.start", b"ROOT/B\n")],
    &[("a.pth", b"import sys; sys.path.append('ROOT/A')\n"), ("a.start/x", b"")],
    &[("a.pth", b"ROOT/missing\nROOT/A\n"), ("b.pth", b"import sys; sys.path.append('ROOT/missing')\nROOT/missing\n")],
    &[("x.pth", b"\x0cROOT/A\n\x0b ROOT/B \x0c\n\xc2\xa0ROOT/C\xe3\x80\x80\n")],
    &[("x.pth", b"\x1cimport sys; sys.path.append('ROOT/A')\x1dROOT/B\x1eROOT/C\n")],
    &[("x.pth", b"\xef\xbb\xbfimport sys; sys.path.append('ROOT/A')\n\xef\xbb\xbfROOT/B\n")],
    &[("x.pth", b"\xef\xbb\xbf\xef\xbb\xbfROOT/A\n"), ("y.pth", b"\xef\xbb\xbf")],
    &[("x.pth", b"\xff\xfeR\0\n\0")],
    &[("x.pth", b"ROOT/A\0ROOT/B\nROOT/C\n")],
    &[("x.pth", b"ROOT/nest\n")],
    &[("x.pth", b"import site; site.addsitedir('ROOT/nest')\nROOT/A\n")],
    &[(
        "x.pth",
        b"import site; site.addsitedir(__import__(\"os\").fsdecode(b\"ROOT/nest\")); site.addsitedir('ROOT/A')\n",
    )],
    &[
        ("x.pth", b"ROOT/A\n"),
        ("y.pth", b"ROOT/A\nimport site; site.addsitedir('ROOT/nest')\n"),
        ("z.pth", b"ROOT/C\n"),
    ],
    &[("x.pth", b"#ROOT/A\n # ROOT/B\n\n   \nROOT/C\n")],
    &[("x.pth", b"..\n.\n../..\n")],
    &[("x.pth", b"import helper_in_here\nROOT/A\n"), ("helper_in_here.py", b"x = 1\n")],
    &[("easy-install.pth", b"ROOT/A\n"), ("x.egg-link", b"ROOT/B\n.\n")],
    &[("sitecustomize.py", b"x = 1\n"), ("x.pth", b"ROOT/A\n")],
    &[("x.pth", b"ROOT/linked\nROOT/A/../B\nROOT/A\nROOT/./A/.\n")],
    &[("x.pth", b"ROOT/D e\nROOT/caf\xc3\xa9\n")],
    &[("x.pth", b"ROOT/file/below\nROOT/A/found.py\nROOT/Z.zip/inside\n")],
    &[("x.pth", b"import sys; sys.path[:0] = ['ROOT/A']\n"), ("y.pth", b"ROOT/B\n")],
    &[("x.pth", b"import sys; sys.path += ['ROOT/A', 'ROOT/B']\n"), ("y.pth", b"ROOT/B\n")],
    &[("x.pth", b"import sys; sys.path.remove('ROOT/missing')\nROOT/A\n")],
    &[("x.pth", b"import sys; sys.path.insert(0, 'relative'); sys.path.append('')\nROOT/A\n")],
    &[("x.pth", b"import os, sys; sys.dont_write_bytecode = True; os.environ.setdefault('X', 'y')\nROOT/A\n")],
    &[("x.pth", b"import sys; exec('x = 1')\nROOT/A\n")],
    &[("x.pth", b"import sys;\nimport sys\t;  pass ;\nROOT/A\n")],
    &[("x.pth", b"import os.path as p; import os as o, sys as s\nROOT/A\n")],
    &[("x.pth", b"import nope_nope.below\nROOT/A\n"), ("y.pth", b"import os.nope\nROOT/B\n")],
    &[("x.pth", b"importsys\nimport\nimport \nfrom os import path\nROOT/A\n")],
    &[("x.pth", b"Import sys\nIMPORT sys\nROOT/A\n")],
    &[("x.pth", b"import site; site.addsitedir('ROOT/nest', None)\nROOT/A\n")],
    &[("x.pth", b"import site; site.addsitedir('ROOT/nest/')\nimport site; site.addsitedir('ROOT/missing')\n")],
    &[("x.pth", b"import site; site.addsitedir('sub')\nsub\n")],
    &[("x.pth", b"import site; site.addsitedir('ROOT/torn'); site.addsitedir('ROOT/nest')\nROOT/A\n"), ("y.pth", b"ROOT/B\n")],
    &[
        ("sitecustomize.py", b"import site\nsite.addsitedir('ROOT/torn')\nsite.addsitedir('ROOT/nest')\n"),
        ("usercustomize.py", b"import sys\nsys.path.append('ROOT/A')\n"),
    ],
    &[(" .pth", b"ROOT/A\n"), ("..pth", b"ROOT/B\n"), ("x.pth ", b"ROOT/C\n"), ("x.pth~", b"ROOT/C\n")],
    &[("\u{e9}.pth", b"ROOT/A\n"), ("z.pth", b"ROOT/B\n"), ("\u{1f40d}.pth", b"ROOT/C\n")],
    &[("10.pth", b"ROOT/A\n"), ("9.pth", b"ROOT/B\n"), ("Z.pth", b"ROOT/C\n"), ("_.pth", b"ROOT/nest\n")],
    &[("x.pth", b"ROOT/A\n\n\n"), ("y.pth", b"\r\r\n\nROOT/B\r\r\n")],
    &[("x.pth", b"ROOT/A\x85ROOT/B\n"), ("y.pth", b"ROOT/C\n")],
    &[("x.pth", b"ROOT/A\x1a\nROOT/B\n")],
    &[("sub/n.pth", b"ROOT/B\n"), ("x.pth", b"sub\nimport site; site.addsitedir('ROOT/A')\n")],
    &[("x-nspkg.pth", b"SPACE")],
    &[("x-nspkg.pth", b"SPACE"), ("sub/__init__.py", b"")],
    &[("x-nspkg.pth", b"SPACE"), ("a.pth", b"ROOT/front\n")],
    &[("x-nspkg.pth", b"SPACE"), ("a.pth", b"ROOT/front\nROOT/half\n"), ("y-nspkg.pth", b"SPACE")],
    &[("x-nspkg.pth", b"SPACE"), ("a.pth", b"import sys; sys.path.insert(0, 'ROOT/front')\n")],
    &[
        ("pywin32.pth", b"# .pth file for the PyWin32 extensions\nwin32\nwin32\\lib\nPythonwin\nimport pywin32_bootstrap\n"),
        ("win32/win32api.py", b""),
        ("win32/lib/win32con.py", b""),
        ("win32\\lib/odd.py", b""),
        ("pythonwin/window.py", b""),
        ("pywin32_bootstrap.py", b"x = 1\n"),
    ],
    &[
        ("distutils-precedence.pth", b"import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; enabled and __import__('_distutils_hack').add_shim(); \n"),
    ],
    &[
        ("distutils-precedence.pth", b"import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'stdlib') == 'local'; enabled and __import__('_distutils_hack').add_shim(); \n"),
        ("setuptools/__init__.py", b""),
        ("setuptools/_distutils/__init__.py", b""),
    ],
    &[("distutils-precedence.pth", b""), ("_distutils_hack/__init__.py", b"SHIM"), ("setuptools/_distutils/__init__.py", b"")],
    &[
        ("distutils-precedence.pth", b"HACKROOT/A\n"),
        ("_distutils_hack/__init__.py", b"SHIM"),
        ("setuptools/__init__.py", b""),
        ("setuptools/_distutils/__init__.py", b""),
    ],
    &[
        ("distutils-precedence.pth", b"# HACK"),
        ("_distutils_hack/__init__.py", b"SHIM"),
        ("setuptools/_distutils/__init__.py", b""),
    ],
    &[
        ("distutils-precedence.pth", b"HACKROOT/A\n"),
        ("_distutils_hack/__init__.py", b"x = 1\n"),
        ("setuptools/_distutils/__init__.py", b""),
    ],
    &[
        ("x.pth", b"import site; site.addsitedir('ROOT/hacked')\n"),
        ("_distutils_hack/__init__.py", b"SHIM"),
        ("setuptools/__init__.py", b""),
        ("setuptools/_distutils/__init__.py", b""),
    ],
    &[(".x-nspkg.pth", b"SPACE"), ("sub/__init__.py", b"")],
    &[("x-nspkg.pth", b"import nope_nope\nSPACE"), ("sub/__init__.py", b"")],
    &[("x-nspkg.pth", b"SPACEROOT/A\n"), ("a.pth", b"ROOT/half\n"), ("late-nspkg.pth", b"DEEPROOT/B\n")],
    &[("a.pth", b"ROOT/half\n"), ("x-nspkg.pth", b"SPACEDEEP"), ("sub/deep/x.py", b"")],
    &[("a.pth", b"import sys; sys.path.insert(0, 'ROOT/half')\n"), ("x-nspkg.pth", b"SPACEDEEP"), ("sub/deep/x.py", b"")],
    &[("x-nspkg.pth", b"SPACEDEEP"), ("sub/deep/__init__.py", b""), ("y.pth", b"ROOT/half\n")],
    &[("x-nspkg.pth", b"DEEPROOT/A\n"), ("sub/deep/x.py", b""), ("y.pth", b"ROOT/half\n")],
    &[("x-nspkg.pth", b"OLDROOT/A\n"), ("y.pth", b"ROOT/half\n")],
    &[("x-nspkg.pth", b"OLDROOT/A\n"), ("sub/__init__.py", b""), ("y.pth", b"ROOT/half\n")],
    &[("x-nspkg.pth", b"OLDSPACEDEEP"), ("sub/deep/x.py", b""), ("y.pth", b"ROOT/half\n")],
    &[("x-nspkg.pth", b"SPACEOLD"), ("y.pth", b"import site; site.addsitedir('ROOT/hacked')\nROOT/half\n")],
    &[("x.pth", b"import nope_nope\nLONG\xe9\n")],
    &[("x.pth", b"ROOT/A\nLONG\xe9\n")],
    &[("x.pth", b"import nope_nope\n\xe9\n")],
    &[("x.pth", b"LONGimport nope_nope\n\xe9\n")],
    &[("x.pth", b"import nope_nope\rLONG\r\n\xff\n")],
    &[
        ("sitecustomize.py", b"'''Words.'''\nimport os, sys\nsys.path.insert(0, 'ROOT/front')\nsys.path += ['ROOT/B']\n"),
        ("x.pth", b"ROOT/A\n"),
    ],
    &[
        ("sitecustomize.py", b"import sys\nsys.path.append('ROOT/A')\nimport nope_nope\nsys.path.append('ROOT/B')\n"),
        ("usercustomize.py", b"import sys\nsys.path.remove('ROOT/A')\nsys.path.remove('ROOT/A')\nsys.path.append('x')\n"),
    ],
    &[
        ("sitecustomize.py", b"import site\nsite.addsitedir('ROOT/nest')\nimport only_1\n"),
        ("usercustomize.py", b"import sys, colorsys\nsys.path.insert(1, 'ROOT/front')\ndef run(a=1): sys.path.clear()\n"),
    ],
    &[("sitecustomize.pyc", b"no bytecode"), ("x.pth", b"ROOT/A\n")],
    &[("sitecustomize/x.py", b""), ("usercustomize/__init__.py", b""), ("x.pth", b"ROOT/A\n")],
    &[("x.pth", b"ROOT/A\nimport only_1\nROOT/B\nimport only_8\nROOT/C\n")],
    &[("_virtualenv.pth", b"import _virtualenv\nROOT/A\n")],
    &[("_virtualenv.pth", b"import _virtualenv"), ("_virtualenv.py", b"x = 1\n")],
    &[("a1_coverage.pth", b"import sys; exec('try: import coverage; coverage.process_startup()\\nexcept ImportError: pass')\nROOT/A\n")],
    &[
        ("manhole.pth", b"import os, sys;exec('if \"PYTHONMANHOLE\" in os.environ:\\n try:\\n  from manhole import install\\n  eval(\"install({0[PYTHONMANHOLE]})\".format(os.environ))\\n except Exception as exc:\\n  sys.stderr.write(\"Failed to manhole.install({[PYTHONMANHOLE]}): {!r}\\\\n\".format(os.environ, exc))\\n')\nROOT/A\n"),
        ("better_exceptions_hook.pth", b"import os; exec(\"try:\\n  if 'BETTER_EXCEPTIONS' in os.environ:import better_exceptions;better_exceptions.hook()\\nexcept:print('An error'); raise;\")\nROOT/B\n"),
        ("pytest-cov.pth", b"import os, sys;exec('if \"COV_CORE_SOURCE\" in os.environ:\\n try:\\n  from pytest_cov.embed import init\\n  init()\\n except Exception as exc:\\n  sys.stderr.write(str(exc))\\n')\nROOT/C\n"),
    ],
    &[("x.pth", b"import os; os.environ.get('UNSET') and __import__('nope_nope').hook(); os.getenv('UNSET', 'a').upper() == 'B' or exec('import sys; sys.path.append(\"ROOT/A\")')\nROOT/B\n")],
    &[("x.pth", b"import os, sys; exec('if not os.getenv(\"UNSET\"):\\n try:\\n  sys.path.insert(0, \"ROOT/B\")\\n except ValueError:\\n  sys.path.clear()\\n else:\\n  sys.path.append(\"ROOT/C\")\\nelse:\\n sys.path.clear()')\nimport os; exec('if \"UNSET\" in os.environ:')\nROOT/A\n")],
    &[
        ("sitecustomize.py", b"import os, sys\nif os.environ.get('UNSET', '').lower() in ('1', 'yes'):\n    sys.path.clear()\nsys.path.append('ROOT/A')\n"),
        ("usercustomize.py", b"if os.getenv('UNSET'):\n    pass\n"),
    ],
    &[("x.pth", b"import sys; sys.path.insert(0, 'ROOT/front')\nROOT/A\n")],
    &[("x.pth", b"import colorsys\nimport sys; sys.path.insert(0, 'ROOT/front')\n")],
    &[("x.pth", b"import subprocess, hashlib, logging.handlers\nimport sys; sys.path.insert(0, 'ROOT/shadow')\n")],
    &[
        ("x.pth", b"import branches\nimport sys; sys.path.insert(0, 'ROOT/dim')\n"),
        ("branches.py", BRANCHES),
        ("ends.py", b"import queue\nimport nope_nope\nimport sched\n"),
    ],
    &[("x-nspkg.pth", b"SPACE"), ("y.pth", b"import sys; sys.path.insert(0, 'ROOT/late')\n")],
    &[("x.pth", b"ROOT/front\nROOT/front/../front\n"), ("y.pth", b"import sys; sys.path.insert(0, 'ROOT/standard')\n")],
    &[("x.pth", b"ROOT/standard\n"), ("y.pth", b"import sys; sys.path.insert(1, 'ROOT/standard/')\n")],
    &[("x.pth", b"import site; site.addsitedir('ROOT/deeper')\nROOT/A\n"), ("y.pth", b"ROOT/nest\nROOT/deeper\n")],
    &[("x.pth", b"ROOT/custom\n"), ("usercustomize.py", b"x = 1\n")],
    &[("__editable__.x-1.pth", b"ROOT/A\n"), ("_x.pth", b"ROOT/B"), ("x.egg/inside.py", b""), ("y.pth", b"./x.egg\n")],
];

/// A module that imports in every way but plainly.
const BRANCHES: &[u8] = b"import sys\n\
if sys.version_info >= (3, 0):\n    import secrets\nelse:\n    import sched\n\
try:\n    import ends\n    import getpass\nexcept ImportError:\n    import tabnanny\nelse:\n    import smtplib\n\
def never():\n    import wave\n\
def called():\n    import cmd\n\
class Made:\n    def __init__(self):\n        import shelve\n\
if sys.path is not None:\n    called()\n\
Made()\n\
for name in ['code']:\n    import codeop\n\
with open(__file__):\n    import csv as c\n";

pub(in super::super) const HACK: &str = "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; \
                    enabled and __import__('_distutils_hack').add_shim(); \n";

/// Setuptools' own, but for what it does when pip and old tests ask.
pub(in super::super) const SHIM: &str = "import sys, os\n\
class DistutilsMetaFinder:\n    \
    def find_spec(self, fullname, path, target=None):\n        \
        if path is not None or fullname != 'distutils':\n            \
            return None\n        \
        import importlib\n        \
        import importlib.abc\n        \
        import importlib.util\n        \
        try:\n            \
            module = importlib.import_module('setuptools._distutils')\n        \
        except Exception:\n            \
            return None\n        \
        class DistutilsLoader(importlib.abc.Loader):\n            \
            def create_module(self, spec):\n                \
                return module\n            \
            def exec_module(self, module):\n                \
                pass\n        \
        return importlib.util.spec_from_loader('distutils', DistutilsLoader(), origin=module.__file__)\n\
def add_shim():\n    \
    sys.meta_path.insert(0, DistutilsMetaFinder())\n";

pub(super) fn habitats() -> Vec<Habitat> {
    let pythons = all();
    let count = pythons.len();
    let mut habitats = Vec::new();
    for (number, python) in pythons.into_iter().enumerate() {
        habitats.push(Habitat::new(python.name(), move |root, found| {
            outside(root);
            link(&root.join("standard"), &python.library());
            // The part asks one Python for each row.
            let chosen = (0..ROWS.len()).filter(|it| scope::is_whole() || it % count == number);
            chosen.for_each(|it| found.push(with_row(&python, root, it, (it + number) % 2 == 0)));
            found.push(unreadable(&python, root));
        }));
    }
    habitats
}

/// What the files name.
fn outside(root: &Utf8Path) {
    for name in ["A", "B", "C", "D e", "caf\u{e9}"] {
        write(&root.join(name).join("found.py"), "");
        write(&root.join(name).join(format!("only_{}.py", name.len())), "");
    }
    write(&root.join("Z.zip"), b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    write(&root.join("file"), "");
    write(&root.join("nest/n.pth"), format!("{root}/C\n"));
    write(&root.join("deeper/n.pth"), format!("import site; site.addsitedir('{root}/nest')\n{root}/B\n"));
    write(&root.join("counted/n.pth"), format!("import sys; sys.path.insert(0, '{root}/C')\n"));
    write(&root.join("started/n.pth"), format!("{root}/B\nimport sys; sys.path.append('{root}/C')\n"));
    write(&root.join("started/n.start"), "");
    write(&root.join("torn/n.pth"), replaced(b"ROOT/C\nROOT/\xe9\n", "ROOT", root.as_str()));
    write(&root.join("custom/sitecustomize.py"), "x = 1\n");
    write(&root.join("half/sub/other_half.py"), "");
    write(&root.join("half/sub/deep/other_depth.py"), "");
    write(&root.join("hacked/distutils-precedence.pth"), HACK);
    write(&root.join("hacked/x-nspkg.pth"), namespace_line("sub"));
    write(&root.join("hacked/sub/hacked.py"), "");
    // What every Python has loaded before it reads a `.pth` file, and what it has not.
    for name in
        ["abc", "codecs", "io", "os", "posixpath", "site", "stat", "encodings/__init__", "colorsys", "sub/__init__"]
    {
        write(&root.join("front").join(format!("{name}.py")), "");
    }
    // What the standard library's modules import, some of it in branches and functions.
    let imported = [
        "selectors",
        "select",
        "getpass",
        "tabnanny",
        "sched",
        "secrets",
        "hmac",
        "wave",
        "cmd",
        "shelve",
        "queue",
        "codeop",
        "csv",
        "_blake2",
        "_md5",
        "_posixsubprocess",
        "smtplib",
        "pickle",
        "_pickle",
    ];
    for name in imported {
        write(&root.join("shadow").join(format!("{name}.py")), "");
        // Setuptools imports `subprocess`, and its hook answers nothing where that fails.
        if !["selectors", "select", "_posixsubprocess"].contains(&name) {
            write(&root.join("dim").join(format!("{name}.py")), "");
        }
    }
    // What setuptools' line imports.
    for name in ["types", "importlib/__init__"] {
        write(&root.join("late").join(format!("{name}.py")), "");
    }
    link(&root.join("linked"), "A".into());
}

fn with_row(python: &Python, root: &Utf8Path, index: usize, system: bool) -> Environment {
    let folder = root.join(index.to_string());
    let home = python.executable.parent().unwrap();
    write(&folder.join("pyvenv.cfg"), format!("home = {home}\ninclude-system-site-packages = {system}\n"));
    link(&folder.join("bin/python"), &python.executable);
    let site = site_packages(&folder, python);
    write(&site.join("sub/inside.py"), "");
    for (name, content) in ROWS[index] {
        let content = replaced(content, "SPACE", &namespace_line("sub"));
        let content = replaced(&content, "DEEP", &namespace_line("sub.deep"));
        let content = replaced(&content, "OLD", &old_namespace_line("sub"));
        let content = replaced(&content, "LONG", &"# words and words\n".repeat(1200));
        let content = replaced(&replaced(&content, "HACK", HACK), "SHIM", SHIM);
        write(&site.join(name), replaced(&content, "ROOT", root.as_str()));
    }
    let start = Start::new(&folder.join("bin/python"));
    let searching = start.clone().variable("PYTHONPATH", format!("{root}/C:{site}"));
    let environment = Environment::new(format!("row {index}, system: {system}"), start).again([searching]);
    let has_space = ROWS[index].iter().any(|(name, _)| name.ends_with("-nspkg.pth"));
    environment.packages(if has_space { &["sub"] } else { &[] })
}

/// A dangling link, a loop, a directory, and a link to a file among the files.
fn unreadable(python: &Python, root: &Utf8Path) -> Environment {
    let folder = root.join("unreadable");
    write(&folder.join("pyvenv.cfg"), "include-system-site-packages = false\n");
    link(&folder.join("bin/python"), &python.executable);
    let site = site_packages(&folder, python);
    link(&site.join("a.pth"), "/nonexistent".into());
    link(&site.join("b.pth"), "b.pth".into());
    std::fs::create_dir_all(site.join("c.pth")).unwrap();
    write(&root.join("real"), format!("{root}/A\n"));
    link(&site.join("d.pth"), &root.join("real"));
    Environment::new("files that cannot be read", Start::new(&folder.join("bin/python")))
}
