"""Makes CPython's source find its library as the builds of python-build-standalone do, which uv installs. Usage: SOURCE

What those builds have changed since December 2025, in our own words: the way to the file that holds the code is what the
kernel has mapped, with no link in it, whatever the program was started as; the library is looked for beside the folder of
that file; and in an environment the program it was made from decides, not `home`. A build without any of it is
python-build-standalone as it was before.
"""

import pathlib
import sys

MAPPED = """    FILE *maps = fopen("/proc/self/maps", "r");
    char line[MAXPATHLEN + 128];
    unsigned long from, to, here = (unsigned long)(void *)library_to_dict;
    int found = 0;
    while (maps && !found && fgets(line, sizeof line, maps)) {
        found = sscanf(line, "%lx-%lx", &from, &to) == 2 && from <= here && here < to && strchr(line, '/');
    }
    if (maps) {
        fclose(maps);
    }
    if (found) {
        return decode_to_dict(dict, key, strchr(line, '/'));
    }
"""
UNKNOWN = "    return PyDict_SetItemString(dict, key, Py_None) == 0;\n}\n\n\nPyObject *\n_Py_Get_Getpath_CodeObject"

BESIDE_LIBRARY = "    if library and not prefix:\n        library_dir = dirname(library)\n        if ZIP_LANDMARK:\n"
BESIDE_FOLDER = BESIDE_LIBRARY.replace("dirname(library)", "dirname(dirname(library))")

CANDIDATE = """                                base_executable = candidate
                                break
"""
ITS_FOLDER = """                if isfile(base_executable):
                    executable_dir = real_executable_dir = dirname(base_executable)
"""


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        sys.exit("{}: {} places for a change, not one".format(path, text.count(old)))
    path.write_text(text.replace(old, new), encoding="utf-8")


modules = pathlib.Path(sys.argv[1]) / "Modules"
change(modules / "getpath.c", UNKNOWN, MAPPED + UNKNOWN)
change(modules / "getpath.py", BESIDE_LIBRARY, BESIDE_FOLDER)
change(modules / "getpath.py", CANDIDATE, CANDIDATE + ITS_FOLDER)
