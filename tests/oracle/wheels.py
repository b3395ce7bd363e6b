"""Makes wheels and eggs out of nothing: python wheels.py FOLDER.

tiny: a package, a module, a program. space-one and space-two: two halves of a namespace. starting: a `.pth` file. An egg
that is an archive and one that is a folder.
"""

import os
import sys
import zipfile

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)


def wheel(name, files):
    info = "{0}-1.0.dist-info/".format(name)
    files = dict(files)
    files[info + "METADATA"] = "Metadata-Version: 2.1\nName: {0}\nVersion: 1.0\n".format(name.replace("_", "-"))
    files[info + "WHEEL"] = "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = "".join("{0},,\n".format(path) for path in sorted(files)) + info + "RECORD,,\n"
    files[info + "RECORD"] = record
    with zipfile.ZipFile(os.path.join(folder, name + "-1.0-py3-none-any.whl"), "w") as made:
        for path in sorted(files):
            made.writestr(path, files[path])


wheel(
    "tiny",
    {
        "tiny/__init__.py": "def main(): pass\n",
        "tiny/inner/__init__.py": "",
        "tiny/inner/deep.py": "",
        "tiny/py.typed": "",
        "tiny_alone.py": "",
        "tiny-1.0.dist-info/entry_points.txt": "[console_scripts]\ntiny = tiny:main\n",
    },
)
wheel("space_one", {"space/one/__init__.py": "", "space/shared/a.py": ""})
wheel("space_two", {"space/two.py": "", "space/shared/b.py": ""})
wheel("starting", {"starting.pth": "starting_code\nimport sys\n", "starting_code/started.py": ""})

with zipfile.ZipFile(os.path.join(folder, "zipped-1.0-py3.egg"), "w") as made:
    made.writestr("EGG-INFO/PKG-INFO", "Metadata-Version: 1.0\nName: zipped\nVersion: 1.0\n")
    made.writestr("zipped/__init__.py", "")
    made.writestr("zipped/inner.py", "")
    made.writestr("zipped_alone.py", "")
    made.writestr("loose/without_entry.py", "")
for path in ("EGG-INFO/PKG-INFO", "foldered/__init__.py", "foldered/inner.py", "foldered_alone.py"):
    path = os.path.join(folder, "foldered-1.0-py3.egg", path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write("Metadata-Version: 1.0\nName: foldered\nVersion: 1.0\n" if path.endswith("INFO") else "")
