"""The demo's project as `run` copied it, and an environment of this system's Python for it."""

import os
import pathlib
import shutil
import subprocess

work = pathlib.Path(os.environ["WORK"])
demo = work / "demo"
books = demo / "src/catalogue/books.py"
pyvenv = demo / ".venv/pyvenv.cfg"


def make_environment():
    """As Debian's own Python does, with the demo's one distribution inside."""
    make = ["/usr/bin/python3", "-m", "venv", "--system-site-packages", "--without-pip", ".venv"]
    subprocess.run(make, cwd=demo, check=True, capture_output=True)
    shutil.copytree(work / "shelfmark", next(demo.glob(".venv/lib/python3*/site-packages")), dirs_exist_ok=True)


def restore():
    """Takes away what the tests have left in the project."""
    shutil.rmtree(demo)
    shutil.copytree(work / "untouched", demo)
    make_environment()


def point_to(target):
    """Has the environment's Python lead to another place, as if it had been uninstalled or come back."""
    python = demo / ".venv/bin/python3"
    python.unlink()
    python.symlink_to(target)


def servers():
    """The servers that run, seen from outside of the editor."""
    return subprocess.run(["pgrep", "-x", "fromwhere"], text=True, capture_output=True).stdout.split()
