"""Asks Jupyter itself which kernel a name leads to, and holds fromwhere against it.

    kernels.py TOOLS PROGRAM

TOOLS/kernels is an environment with Jupyter's client, and the project's own at the same time. In many arrangements of its
variables and folders, `KernelSpecManager` and PROGRAM, which is `fromwhere`, have to name the same `kernel.json`.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

ASK = """
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
try:
    print(KernelSpecManager().get_kernel_spec("mine").resource_dir)
except NoSuchKernel:
    print("none")
"""
SPEC = {"argv": ["/usr/bin/python3", "-m", "ipykernel_launcher"], "display_name": "x", "language": "python"}
NOTEBOOK = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"name": "mine"}}, "cells": []}
ROUNDS = 6


def variables(home):
    return [
        {},
        {"JUPYTER_PATH": f"{home}/none:{home}/path/"},
        {"JUPYTER_DATA_DIR": f"{home}/data"},
        {"XDG_DATA_HOME": f"{home}/xdg"},
        {"JUPYTER_PREFER_ENV_PATH": "0"},
        {"JUPYTER_PREFER_ENV_PATH": "yes"},
        {"IPYTHONDIR": f"{home}/ipython"},
        {"JUPYTER_PATH": "", "JUPYTER_DATA_DIR": ""},
    ]


def folders(home, environment):
    return [
        f"{home}/path/kernels",
        f"{home}/data/kernels",
        f"{home}/xdg/jupyter/kernels",
        f"{home}/.local/share/jupyter/kernels",
        f"{home}/.ipython/kernels",
        f"{home}/ipython/kernels",
        f"{environment}/share/jupyter/kernels",
    ]


def jupyter(environment, environ, project):
    command = [f"{environment}/bin/python", "-c", ASK]
    ended = subprocess.run(command, env=environ, cwd=project, stdout=subprocess.PIPE, text=True, check=True)
    return ended.stdout.strip()


def fromwhere(program, environ, project):
    command = [program, "env", "--file", "notes.ipynb", "--output-format", "json"]
    ended = subprocess.run(command, env=environ, cwd=project, stdout=subprocess.PIPE, text=True, check=True)
    source = json.loads(ended.stdout)["source"]
    if source["kind"] != "kernel":
        return "none"
    return os.path.dirname(source["detail"].split("(", 1)[1].rstrip(")"))


def main(tools, program):
    program = os.path.abspath(program)
    chance = random.Random(1)
    asked, failed = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        home = os.path.join(os.path.realpath(folder), "home")
        project = os.path.join(home, "app")
        os.makedirs(os.path.join(project, ".git"))
        # A copy of its links and nothing else, so that nobody's environment is written to.
        environment = os.path.join(project, ".venv")
        subprocess.run(["/usr/bin/python3", "-m", "venv", "--without-pip", environment], check=True)
        packages = os.path.realpath(os.path.join(tools, "kernels"))
        version = "python%d.%d" % sys.version_info[:2]
        site = os.path.join("lib", version, "site-packages")
        with open(os.path.join(environment, site, "kernels.pth"), "w", encoding="utf-8") as file:
            file.write(os.path.join(packages, site) + "\n")
        with open(os.path.join(project, "notes.ipynb"), "w", encoding="utf-8") as file:
            json.dump(NOTEBOOK, file)
        for extra in variables(home):
            environ = {"HOME": home, "PATH": "/usr/bin:/bin", **extra}
            for _ in range(ROUNDS):
                places = folders(home, environment)
                made = []
                for place in chance.sample(places, chance.randint(0, 4)):
                    made.append(os.path.join(place, chance.choice(["mine", "Mine", "MINE"])))
                    os.makedirs(made[-1])
                    with open(os.path.join(made[-1], "kernel.json"), "w", encoding="utf-8") as file:
                        json.dump(SPEC, file)
                real, ours = jupyter(environment, environ, project), fromwhere(program, environ, project)
                asked += 1
                if real != ours:
                    failed += 1
                    print(f"{extra} with {made}: {real}, not {ours}")
                for place in made:
                    shutil.rmtree(place)
    if failed or not asked:
        sys.exit(f"{failed} of {asked} kernels are others than Jupyter's")
    print(f"{asked} kernels, each the one that Jupyter takes")


if __name__ == "__main__":
    main(*sys.argv[1:])
