"""The demo's project as `run` copied it, with an environment of this system's Python made anew."""

import os
import pathlib
import shutil
import subprocess

work = pathlib.Path(os.environ["WORK"])
demo = work / "demo"


def restore():
    """Takes away what the tests have left in the project."""
    shutil.rmtree(demo)
    shutil.copytree(work / "untouched", demo)
    make = ["/usr/bin/python3", "-m", "venv", "--system-site-packages", "--without-pip", ".venv"]
    subprocess.run(make, cwd=demo, check=True, capture_output=True)
    shutil.copytree(work / "shelfmark", next(demo.glob(".venv/lib/python3*/site-packages")), dirs_exist_ok=True)
