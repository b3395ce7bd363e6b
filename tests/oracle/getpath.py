"""Runs the `getpath` that is frozen into this interpreter, in worlds that are only described.

In: one JSON object a line. Out: a line about this interpreter, then one line for each world.

The functions that the script is given by `Modules/getpath.c` are restated here, for each platform.
"""

import json
import ntpath
import posixpath
import sys

from _testinternalcapi import get_getpath_codeobject

CODE = get_getpath_codeobject()
MOST_LINKS = 40


class World:
    def __init__(self, described):
        self.described = described
        self.windows = described["platform"] == "Windows"
        self.folds = described["platform"] != "Linux"
        self.separator = "\\" if self.windows else "/"
        self.library = ntpath if self.windows else posixpath
        self.directory = described["working_directory"]
        self.nodes = {}
        for path, node in described["nodes"]:
            self.nodes[self.key(path)] = (path, node)

    def key(self, path):
        return path.lower() if self.folds else path

    def locate(self, path):
        """Follows every link; returns the spelling and the node, or raises what the disk would."""
        path = self.library.join(self.directory, path)
        drive, root, rest = self.split(path)
        rest = [part for part in rest.split(self.separator) if part][::-1]
        top = drive + root
        here = []
        links = 0
        while rest:
            part = rest.pop()
            if part == ".":
                continue
            if part == "..":
                here = here[:-1]
                continue
            self.must_be_directory(top, here, path)
            full = top + self.separator.join([*here, part])
            if self.key(full) not in self.nodes:
                raise FileNotFoundError(path)
            spelled, node = self.nodes[self.key(full)]
            if "link" in node:
                links += 1
                if links > MOST_LINKS:
                    raise OSError("loop")
                target = node["link"]
                if self.library.isabs(target):
                    drive, root, target = self.split(target)
                    top, here = drive + root, []
                rest.extend([part for part in target.split(self.separator) if part][::-1])
            else:
                here.append(self.library.basename(spelled))
        full = top + self.separator.join(here)
        return full, self.nodes[self.key(full)][1] if here else {}

    def split(self, path):
        if self.windows:
            path = path.replace("/", "\\")
            return path[:2], path[2:3], path[3:]
        return "", "/", path

    def must_be_directory(self, top, here, path):
        if here and "text" in self.nodes[self.key(top + self.separator.join(here))][1]:
            raise NotADirectoryError(path)

    def is_kind(self, path, is_file):
        if not path:
            return False
        try:
            return ("text" in self.locate(path)[1]) == is_file
        except OSError:
            return False

    def functions(self):
        library, separator = self.library, self.separator

        def absolute(path):
            if self.windows:
                return library.normpath(library.join(self.directory, path))
            # `_Py_abspath` joins, and folds only what it was given.
            if path.startswith("/"):
                return library.normpath(path)
            folded = library.normpath(path) if path else "."
            return self.directory if folded == "." else f"{self.directory}/{folded}"

        def has_suffix(path, suffix):
            return path.lower().endswith(suffix.lower()) if self.windows else path.endswith(suffix)

        def join(*parts):
            whole = ""
            for part in parts:
                if not part:
                    continue
                if library.isabs(part) or not whole:
                    whole = part
                elif self.windows:
                    whole = library.join(whole + "\\" if len(whole) == 2 and whole[1] == ":" else whole, part)
                elif len(whole) == 1 or whole.endswith("/"):
                    whole += part
                else:
                    whole += "/" + part
            return library.normpath(whole) if whole else ""

        def lines(path):
            node = self.locate(path)[1]
            text = node.get("text", "")
            split = [line.rstrip("\r") for line in text.split("\n")]
            return split[:-1] if split[-1] == "" else split

        def real(path):
            if self.windows:
                try:
                    return self.locate(path)[0]
                except OSError:
                    return path
            for _ in range(MOST_LINKS):
                try:
                    above = self.locate(path.rpartition("/")[0] or ".")[0].rstrip("/")
                except OSError:
                    return path
                node = self.nodes.get(self.key(f"{above}/{path.rpartition('/')[2]}"), ("", {}))[1]
                if "link" not in node:
                    return path
                target = node["link"]
                path = target if target.startswith("/") else library.normpath(f"{path.rpartition('/')[0]}/{target}")
            raise OSError("loop")

        return {
            "abspath": absolute,
            "basename": lambda path: path.rpartition(separator)[2],
            "dirname": lambda path: path.rpartition(separator)[0],
            "hassuffix": has_suffix,
            "isabs": library.isabs,
            "isdir": lambda path: self.is_kind(path, False),
            "isfile": lambda path: self.is_kind(path, True),
            "isxfile": lambda path: self.is_kind(path, True),
            "joinpath": join,
            "readlines": lines,
            "realpath": real,
            "warn": lambda message: None,
        }

    def run(self):
        described, variables = self.described, self.described["variables"]
        use_environment = int(not described["ignores_environment"])
        config = {
            "orig_argv": [described["executable"]],
            "base_executable": "",
            "module_search_paths_set": 0,
            "pythonpath_env": variables.get("PYTHONPATH") if use_environment else None,
            "use_environment": use_environment,
            "site_import": 1,
        }
        platforms = {"Linux": "posix", "macOS": "darwin", "Windows": "nt"}
        names = {
            **self.functions(),
            "config": config,
            "os_name": platforms[described["platform"]],
            "PREFIX": described["prefix"],
            "EXEC_PREFIX": described["exec_prefix"],
            "PYTHONPATH": None,
            "WITH_NEXT_FRAMEWORK": int(described["framework"]),
            "VPATH": described["sources"],
            "PLATLIBDIR": described["library_directory"],
            "PYDEBUGEXT": "",
            "EXE_SUFFIX": ".exe" if self.windows else None,
            "VERSION_MAJOR": sys.version_info[0],
            "VERSION_MINOR": sys.version_info[1],
            "ABI_THREAD": described["threads"],
            "PYWINVER": f"{sys.version_info[0]}.{sys.version_info[1]}{described['threads']}",
            "ENV_PATH": "",
            "ENV_PYTHONHOME": variables.get("PYTHONHOME", ""),
            "ENV_PYTHONEXECUTABLE": variables.get("PYTHONEXECUTABLE", ""),
            "ENV___PYVENV_LAUNCHER__": described["launcher"] or variables.get("__PYVENV_LAUNCHER__", ""),
            "real_executable": None if described["platform"] == "Linux" else described["executable"],
            "executable_dir": "",
            "py_setpath": "",
            "library": described["library"],
            "winreg": Registry(described["registry"]) if self.windows else None,
        }
        try:
            exec(CODE, names)
        except OSError as error:
            return {"fatal": str(error)}
        said = [
            "executable",
            "base_executable",
            "prefix",
            "exec_prefix",
            "base_prefix",
            "base_exec_prefix",
            "module_search_paths",
            "site_import",
        ]
        return {name: config[name] for name in said}


class Registry:
    HKEY_CURRENT_USER = "HKCU"
    HKEY_LOCAL_MACHINE = "HKLM"

    def __init__(self, values):
        self.values = {key.lower(): value for key, value in values}

    def below(self, key):
        return sorted(other for other in self.values if other.startswith(key + "\\"))

    def OpenKeyEx(self, hive, path):
        key = f"{hive}\\{path}".lower()
        if key not in self.values and not self.below(key):
            raise FileNotFoundError(key)
        return key

    def EnumKey(self, key, index):
        names = {other[len(key) + 1 :].split("\\")[0] for other in self.below(key)}
        try:
            return sorted(names)[index]
        except IndexError:
            raise OSError("no more") from None

    def QueryValue(self, key, name):
        # `None` is what a key without a text has; the script passes over it.
        return self.values.get(f"{key}\\{name}" if name else key)

    def CloseKey(self, key):
        pass


def main():
    about = {"version": list(sys.version_info[:3]), "setup_local": "Modules/Setup.local" in CODE.co_consts}
    print(json.dumps(about))
    for line in sys.stdin:
        print(json.dumps(World(json.loads(line)).run()))


main()
