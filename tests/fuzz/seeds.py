"""Makes what the fuzzer starts from: python3 seeds.py FOLDER

Of Python: the examples in the tests' Markdown, texts that were read differently once, and a sample of this Python's standard
library. Of files: one of each kind, as tools write them, and those of the demo. Last, the words that inputs are made of.
"""

import hashlib
import io
import json
import os
import re
import sys
import sysconfig
import zipfile

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LARGEST = 4096
# By the numbers that `files.rs` gives them.
CONFIGURATION, PATH_FILE, METADATA, RECORD, NOTEBOOK, PROJECT, REQUIREMENTS, ARCHIVE = (b"%d" % at for at in range(8))
WORDS = """import from as if elif else try except finally with def class async await match case lambda yield raise return pass
    while for in not and or is global nonlocal del assert type lazy __import__( import_module( TYPE_CHECKING sys.platform
    sys.version_info suppress(ImportError) ImportError ModuleNotFoundError f' f" rf''' ''' \"\"\" b' \\\\ -> := ** ... !r
    .pth sys.path.append( sys.path.insert(0, site.addsitedir( home version include-system-site-packages Name: Version:
    Requires-Dist: sha256= cells source cell_type metadata [project] dependencies""".split()


def examples():
    """The Python in Markdown, and in strings of JSON."""
    for folder, _, names in os.walk(os.path.join(REPOSITORY, "tests")):
        for name in names:
            if not name.endswith(".md"):
                continue
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                text = file.read()
            for block in re.findall(r"^```(?:py|python)[^\n]*\n(.*?)^```", text, re.M | re.S):
                yield block
            if name == "torn.md":
                for line in text.splitlines():
                    if line.startswith('"'):
                        yield json.loads(line)


def library():
    for folder, folders, names in os.walk(sysconfig.get_path("stdlib")):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name.endswith(".py") and os.path.getsize(path) <= LARGEST:
                with open(path, "rb") as file:
                    yield file.read()


def files():
    yield CONFIGURATION + b"home = /usr/bin\nversion = 3.11.2\ninclude-system-site-packages = true\nprompt = 'x'\n"
    yield PATH_FILE + b"/ws/src\nimport sys; sys.path.insert(0, '/ws/src')\nimport site; site.addsitedir('/ws')\n# x\n"
    yield PATH_FILE + b"import __editable___thing_1_0_finder; __editable___thing_1_0_finder.install()\n"
    yield (
        METADATA
        + b"Metadata-Version: 2.1\nName: thing\nVersion: 1.0\nRequires-Dist: other>=1; python_version<'4'\n\nWords\n"
    )
    yield RECORD + b'thing/__init__.py,sha256=47DEQpj8HBSa,0\n"thing/a,b.py",,\n../../../bin/thing,,\n'
    cell = {"cell_type": "code", "source": ["%pip install x\n", "import other"], "outputs": [], "metadata": {}}
    notebook = {"cells": [cell], "metadata": {"kernelspec": {"name": "python3"}}, "nbformat": 4, "nbformat_minor": 5}
    yield NOTEBOOK + json.dumps(notebook, indent=1).encode()
    yield PROJECT + b'[project]\nname = "x"\ndependencies = ["thing>=1"]\n[tool.fromwhere]\nallow = ["gi"]\n'
    yield PROJECT + b'[tool.poetry.dependencies]\npython = "^3.9"\nthing = { version = "*", extras = ["a"] }\n'
    yield REQUIREMENTS + b"thing==1.0 \\\n  --hash=sha256:00\n-r other.txt\n-e ./here#egg=here\ngit+https://x/y@main\n"
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", method) as archive:
            archive.writestr("twice.py", "x = 1\n")
            archive.writestr("twice.pyc", b"\xa7\x0d\r\n" + bytes(12) + b"N")
            archive.writestr("other/__init__.py", "")
        yield ARCHIVE + made.getvalue()


def write(folder, contents):
    os.makedirs(folder, exist_ok=True)
    for content in contents:
        with open(os.path.join(folder, hashlib.sha1(content).hexdigest()), "wb") as file:
            file.write(content)


def main():
    folder = sys.argv[1]
    write(os.path.join(folder, "seeds/imports"), [text.encode("utf-8", "surrogatepass") for text in examples()])
    write(os.path.join(folder, "seeds/imports"), list(library())[::3])
    write(os.path.join(folder, "seeds/files"), files())
    with open(os.path.join(folder, "words"), "w") as words:
        for word in WORDS:
            words.write('"{0}"\n'.format(word.replace("\\", "\\\\").replace('"', '\\"')))


main()
