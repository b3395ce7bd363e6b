"""Makes environments in which every build backend has made editable installs, for the oracle to ask.

    editables.py TOOLS FOLDER PYTHON...

TOOLS has uv in its `bin`. For each PYTHON, FOLDER gets a folder of its own with `env` (a virtual environment), `projects`
(one folder a project) and `installed.json` (distribution -> [project folder, top-level modules]). The backends come from
PyPI in the versions that `requirements-editables.txt` pins; what was made from the same texts is kept.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PINS = os.path.join(HERE, "requirements-editables.txt")
INIT = "ORIGIN = __file__\n"
PACKAGE = {"__init__.py": INIT, "plain.py": "", "inner/__init__.py": INIT, "inner/deep.py": "", "space/thing.py": ""}
PACKAGE["data/table.txt"] = "1\n"
EXTENSION = """
#include <Python.h>
static struct PyModuleDef module = { PyModuleDef_HEAD_INIT, "_native", NULL, -1, NULL };
PyMODINIT_FUNC PyInit__native(void) { return PyModule_Create(&module); }
"""


def below(folder, files):
    return {os.path.join(folder, name): text for name, text in files.items()}


def manifest(name, requires, backend, more=""):
    return (
        '[build-system]\nrequires = [{0}]\nbuild-backend = "{1}"\n'
        '[project]\nname = "{2}"\nversion = "1.0"\n{3}\n'.format(
            ", ".join(json.dumps(it) for it in requires), backend, name, more
        )
    )


def setuptools(name, pin, more, files):
    return dict(
        files, **{"pyproject.toml": manifest(name, ["setuptools" + pin, "wheel"], "setuptools.build_meta", more)}
    )


def setuptools_projects(tag, pin):
    """The layouts for which setuptools writes something different, as one version of it does."""
    mark = "st{0}_".format(tag)
    flat, source, strict, compat, spaces, moved, native = (
        mark + it for it in ("flat", "source", "strict", "compat", "spaces", "moved", "native")
    )
    yield (
        flat,
        [flat, flat + "_module"],
        [],
        setuptools(
            flat,
            pin,
            '[tool.setuptools]\npackages = ["{0}", "{0}.inner"]\npy-modules = ["{0}_module"]'.format(flat),
            dict(below(flat, PACKAGE), **{flat + "_module.py": "", "other/__init__.py": ""}),
        ),
    )
    yield source, [source], [], setuptools(source, pin, "", below("src/" + source, PACKAGE))
    yield (
        strict,
        [strict, strict + "_module"],
        ["editable_mode=strict"],
        setuptools(
            strict,
            pin,
            '[tool.setuptools]\npackage-dir = {{"" = "lib"}}\npackages = ["{0}", "{0}.inner"]\n'
            'py-modules = ["{0}_module"]'.format(strict),
            dict(below("lib/" + strict, PACKAGE), **{"lib/" + strict + "_module.py": ""}),
        ),
    )
    yield (
        compat,
        [compat],
        ["editable_mode=compat"],
        setuptools(
            compat, pin, '[tool.setuptools]\npackages = ["{0}", "{0}.inner"]'.format(compat), below(compat, PACKAGE)
        ),
    )
    yield (
        spaces,
        [spaces + "_ns", spaces + "_far"],
        [],
        setuptools(
            spaces,
            pin,
            '[tool.setuptools]\npackages = ["{0}_ns.part", "{0}_ns.part.inner", "{0}_far.away.part"]\n'
            '[tool.setuptools.package-dir]\n"{0}_ns.part" = "part"\n"{0}_far.away.part" = "far"'.format(spaces),
            dict(below("part", PACKAGE), **below("far", PACKAGE)),
        ),
    )
    yield (
        moved,
        [moved],
        [],
        setuptools(
            moved,
            pin,
            '[tool.setuptools]\npackages = ["{0}", "{0}.sub", "{0}.inner"]\n'
            '[tool.setuptools.package-dir]\n"{0}" = "code"\n"{0}.sub" = "elsewhere/sub"'.format(moved),
            dict(below("code", PACKAGE), **below("elsewhere/sub", PACKAGE)),
        ),
    )
    setup = (
        "from setuptools import Extension, setup\n"
        "setup(packages=['{0}'], ext_modules=[Extension('{0}._native', ['native.c'])])\n".format(native)
    )
    yield (
        native,
        [native],
        [],
        setuptools(native, pin, "", dict(below(native, PACKAGE), **{"setup.py": setup, "native.c": EXTENSION})),
    )


def pure_projects(pins):
    def hatch(name, more):
        return manifest(name, [pins["hatchling"], pins["editables"]], "hatchling.build", more)

    wheel = "[tool.hatch.build.targets.wheel]\n"
    yield (
        "hatch_path",
        ["hatch_path"],
        [],
        dict(below("src/hatch_path", PACKAGE), **{"pyproject.toml": hatch("hatch_path", "")}),
    )
    yield (
        "hatch_exact",
        ["hatch_exact", "hatch_exact_two"],
        [],
        dict(
            below("hatch_exact", PACKAGE),
            **{
                "hatch_exact_two/__init__.py": "",
                "pyproject.toml": hatch(
                    "hatch_exact",
                    wheel + 'packages = ["hatch_exact", "hatch_exact_two"]\n[tool.hatch.build]\ndev-mode-exact = true',
                ),
            },
        ),
    )
    yield (
        "hatch_sources",
        ["hatch_renamed"],
        [],
        dict(
            below("code/hatch_renamed", PACKAGE),
            **{"pyproject.toml": hatch("hatch_sources", wheel + 'packages = ["code/hatch_renamed"]')},
        ),
    )
    yield (
        "hatch_dirs",
        ["hatch_dirs"],
        [],
        dict(
            below("one/hatch_dirs", PACKAGE),
            **{
                "two/beside.py": "",
                "pyproject.toml": hatch(
                    "hatch_dirs",
                    wheel + 'packages = ["one/hatch_dirs"]\n[tool.hatch.build]\ndev-mode-dirs = ["one", "two", "."]',
                ),
            },
        ),
    )
    flit = manifest("flit_flat", [pins["flit-core"]], "flit_core.buildapi", 'description = "x"')
    yield "flit_flat", ["flit_flat"], [], dict(below("flit_flat", PACKAGE), **{"pyproject.toml": flit})
    flit = manifest("flit_module", [pins["flit-core"]], "flit_core.buildapi", 'description = "x"')
    yield "flit_module", ["flit_module"], [], {"src/flit_module.py": "", "pyproject.toml": flit}

    def pdm(name, more):
        return manifest(name, [pins["pdm-backend"]], "pdm.backend", more)

    yield (
        "pdm_path",
        ["pdm_path"],
        [],
        dict(
            below("src/pdm_path", PACKAGE),
            **{"pyproject.toml": pdm("pdm_path", "[tool.pdm.build]\npackage-dir = 'src'")},
        ),
    )
    backend = '[tool.pdm.build]\neditable-backend = "editables"\n'
    yield (
        "pdm_editables",
        ["pdm_editables"],
        [],
        dict(below("pdm_editables", PACKAGE), **{"pyproject.toml": pdm("pdm_editables", backend)}),
    )
    poetry = manifest("poetry_flat", [pins["poetry-core"]], "poetry.core.masonry.api", "")
    yield "poetry_flat", ["poetry_flat"], [], dict(below("poetry_flat", PACKAGE), **{"pyproject.toml": poetry})
    packages = '[tool.poetry]\npackages = [{ include = "poetry_from", from = "lib" }]'
    poetry = manifest("poetry_from", [pins["poetry-core"]], "poetry.core.masonry.api", packages)
    yield "poetry_from", ["poetry_from"], [], dict(below("lib/poetry_from", PACKAGE), **{"pyproject.toml": poetry})
    built = manifest("uv_built", [pins["uv-build"]], "uv_build", "")
    yield "uv_built", ["uv_built"], [], dict(below("src/uv_built", PACKAGE), **{"pyproject.toml": built})
    namespace = '[tool.uv.build-backend]\nmodule-name = "uv_space.part"'
    built = manifest("uv_space", [pins["uv-build"]], "uv_build", namespace)
    yield "uv_space", ["uv_space"], [], dict(below("src/uv_space/part", PACKAGE), **{"pyproject.toml": built})


def compiled_projects(pins):
    maturin = manifest(
        "maturin_mixed",
        [pins["maturin"], pins["cffi"]],
        "maturin",
        '[tool.maturin]\nbindings = "cffi"\npython-source = "python"\nmodule-name = "maturin_mixed.native"',
    )
    crate = '[package]\nname = "maturin_mixed"\nversion = "1.0.0"\nedition = "2021"\n[lib]\ncrate-type = ["cdylib"]\n[workspace]\n'
    yield (
        "maturin_mixed",
        ["maturin_mixed"],
        [],
        dict(
            below("python/maturin_mixed", PACKAGE),
            **{
                "pyproject.toml": maturin,
                "Cargo.toml": crate,
                "src/lib.rs": '#[unsafe(no_mangle)]\npub extern "C" fn one() -> i32 { 1 }\n',
            },
        ),
    )
    for name, mode in (("skbc_redirect", "redirect"), ("skbc_inplace", "inplace")):
        build = (
            "cmake_minimum_required(VERSION 3.20)\nproject({0} LANGUAGES C)\n"
            "find_package(Python COMPONENTS Interpreter Development.Module REQUIRED)\n"
            "python_add_library(_native MODULE native.c WITH_SOABI)\n"
            "install(TARGETS _native DESTINATION {0})\n"
            'file(WRITE "${{CMAKE_CURRENT_BINARY_DIR}}/made.py" "")\n'
            'install(FILES "${{CMAKE_CURRENT_BINARY_DIR}}/made.py" DESTINATION {0}/inner)\n'
        ).format(name)
        more = '[tool.scikit-build]\nwheel.packages = ["src/{0}"]\neditable.mode = "{1}"'.format(name, mode)
        requires = [pins["scikit-build-core"], pins["cmake"], pins["ninja"]]
        yield (
            name,
            [name],
            [],
            dict(
                below("src/" + name, PACKAGE),
                **{
                    "pyproject.toml": manifest(name, requires, "scikit_build_core.build", more),
                    "CMakeLists.txt": build,
                    "native.c": EXTENSION,
                },
            ),
        )
    build = (
        "project('meson_made', 'c', version: '1.0')\npy = import('python').find_installation(pure: false)\n"
        "py.extension_module('_native', 'native.c', subdir: 'meson_made', install: true)\n"
        "install_subdir('source', install_dir: py.get_install_dir() / 'meson_made', strip_directory: true)\n"
        "py.install_sources('meson_single.py')\n"
        "py.install_sources('source/plain.py', subdir: 'meson_space/part')\n"
        "conf = configure_file(output: 'made.py', configuration: configuration_data())\n"
        "py.install_sources(conf, subdir: 'meson_made/inner')\n"
    )
    requires = [pins["meson-python"], pins["meson"], pins["ninja"]]
    yield (
        "meson_made",
        ["meson_made", "meson_single", "meson_space"],
        ["no isolation"],
        dict(
            below("source", PACKAGE),
            **{
                "pyproject.toml": manifest("meson_made", requires, "mesonpy"),
                "meson.build": build,
                "native.c": EXTENSION,
                "meson_single.py": "",
            },
        ),
    )


def develop_projects():
    """What `setup.py develop` installs: setuptools' own way before PEP 660."""
    setup = (
        "from setuptools import find_packages, setup\n"
        "setup(name='{0}', version='1.0', packages=find_packages({1!r}), package_dir={{'': {1!r}}}{2})\n"
    )
    yield (
        "develop_flat",
        ["develop_flat"],
        dict(below("develop_flat", PACKAGE), **{"setup.py": setup.format("develop_flat", ".", "")}),
    )
    yield (
        "develop_source",
        ["develop_source"],
        dict(below("src/develop_source", PACKAGE), **{"setup.py": setup.format("develop_source", "src", "")}),
    )
    declared = "__import__('pkg_resources').declare_namespace(__name__)\n"
    yield (
        "develop_space",
        ["develop_space"],
        dict(
            below("src/develop_space/part", PACKAGE),
            **{
                "src/develop_space/__init__.py": declared,
                "setup.py": setup.format("develop_space", "src", ", namespace_packages=['develop_space']"),
            },
        ),
    )


CACHE = {"UV_NO_CONFIG": "1", "UV_CACHE_DIR": os.path.abspath(os.path.join(sys.argv[2], "cache"))}


def write(folder, files):
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)


def run(arguments, **more):
    done = subprocess.run(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **dict({"env": dict(os.environ, **CACHE)}, **more)
    )
    if done.returncode != 0:
        sys.exit("{0}\n{1}".format(" ".join(arguments), done.stdout.decode(errors="replace")))


def make(uv, folder, python, pins):
    version = tuple(int(it) for it in os.path.basename(os.path.realpath(python)).replace("python", "").split("."))
    environment, projects = os.path.join(folder, "env"), os.path.join(folder, "projects")
    own = os.path.join(environment, "bin/python")
    run([uv, "venv", "--quiet", "--no-project", "--python", python, environment])
    installed = {}

    def install(name, modules, settings, files):
        project = os.path.join(projects, name)
        write(project, files)
        isolated = "no isolation" not in settings
        command = [uv, "pip", "install", "--quiet", "--python", own, "--build-constraint", PINS]
        for setting in settings:
            command += ["--no-build-isolation"] if setting == "no isolation" else ["--config-setting", setting]
        variables = dict(os.environ, CARGO_TARGET_DIR=os.path.join(folder, "cargo"), **CACHE)
        if not isolated:
            variables["PATH"] = os.path.dirname(own) + os.pathsep + variables["PATH"]
        run(command + ["--editable", project], env=variables)
        installed[name] = [project, modules]

    everything = []
    if version >= (3, 10):
        # meson-python builds when it is imported; uv does not add `editables`, which the backends ask for while building.
        tools = [pins[it] for it in ("meson-python", "meson", "ninja", "editables")]
        run([uv, "pip", "install", "--quiet", "--python", own] + tools)
        everything += pure_projects(pins)
        everything += compiled_projects(pins)
        everything += setuptools_projects("80", "==80.9.0")
        everything += setuptools_projects("84", "==84.2.1")
    else:
        everything += setuptools_projects("64", "==64.0.3")
        everything += setuptools_projects("69", "==69.5.1")
    for project in everything:
        install(*project)
    if version < (3, 10):
        run([uv, "pip", "install", "--quiet", "--python", own, "setuptools==58.1.0", "wheel==0.37.1"])
        for name, modules, files in develop_projects():
            project = os.path.join(projects, name)
            write(project, files)
            run([own, "-W", "ignore", "setup.py", "-q", "develop", "--no-deps"], cwd=project)
            installed[name] = [project, modules]
    with open(os.path.join(folder, "installed.json"), "w") as file:
        json.dump(installed, file, indent=1, sort_keys=True)


def main():
    tools, folder, pythons = sys.argv[1], os.path.abspath(sys.argv[2]), sys.argv[3:]
    with open(PINS) as file:
        lines = [line.strip() for line in file if "==" in line]
    pins = {line.split("==")[0]: line for line in lines}
    with open(__file__, "rb") as program:
        text = program.read() + "\n".join(lines).encode()
    for python in pythons:
        place = os.path.join(folder, python.strip("/").replace("/", "-"))
        stamp = hashlib.sha256(text + place.encode()).hexdigest()
        made = os.path.join(place, "made")
        if os.path.exists(made) and open(made).read() == stamp:
            continue
        shutil.rmtree(place, ignore_errors=True)
        os.makedirs(place)
        make(os.path.join(tools, "bin/uv"), place, python, pins)
        with open(made, "w") as file:
            file.write(stamp)


main()
