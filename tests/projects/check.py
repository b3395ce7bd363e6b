"""Checks well-known projects, installed as their developers do, and expects that there is nothing to say.

    check.py TOOLS FOLDER PROGRAM [PROJECT...]

TOOLS has uv in its `bin`; PROGRAM is `fromwhere`. FOLDER keeps the sdists and one folder a project with the source tree and
`.venv`; what was made from the same lines of `projects.toml` with the same Python is kept. Fails where a project cannot be
installed, where a diagnostic is reported, and where so little was followed that silence would mean nothing.
"""

import concurrent.futures
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"
# How many projects are installed at once: most of the time is the network's.
AT_ONCE = 4
# Debian 12's Python is older than PEP 706; the archives are those of pinned versions in any case.
SAFELY = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
# What a check must have followed for its silence to say anything: imports in all, and which part may lead nowhere.
FEWEST_IMPORTS = 100
MOST_UNRESOLVED = 0.2


class Failure(Exception):
    """What went wrong, for people."""


def run(command, **more):
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)
    if ended.returncode != 0:
        words = " ".join(command)
        raise Failure(f"`{words}` ended with {ended.returncode}:\n{ended.stdout.strip()}")
    return ended.stdout


class Workshop:
    def __init__(self, tools, folder, program):
        self.uv = os.path.join(os.path.abspath(tools), "bin", "uv")
        self.folder = os.path.realpath(folder)
        self.program = os.path.abspath(program)
        self.backends = os.path.join(self.folder, "backends")
        self.sdists = os.path.join(self.folder, "sdists")
        os.makedirs(self.sdists, exist_ok=True)
        self.environ = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
        # What a project asks of its developers' uv is not asked of ours.
        self.environ["UV_NO_CONFIG"] = "1"
        self.environ["UV_CACHE_DIR"] = os.path.join(self.folder, "cache")

    def install_backends(self):
        """Makes the environment whose pip fetches the sdists."""
        pins = os.path.join(HERE, "backends.txt")
        with open(pins, encoding="utf-8") as file:
            key = file.read()
        if read(os.path.join(self.backends, "installed.txt")) == key:
            return
        run([self.uv, "venv", "--quiet", "--clear", "--python", PYTHON, self.backends], env=self.environ)
        self.install(os.path.join(self.backends, "bin", "python"), ["--requirement", pins])
        write(os.path.join(self.backends, "installed.txt"), key)

    def install(self, python, what, **more):
        run([self.uv, "pip", "install", "--quiet", "--python", python, *what], env=self.environ, **more)

    def fetch(self, name, version):
        """Returns the sdist of that version."""
        folder = os.path.join(self.sdists, f"{name}-{version}")
        if not os.path.isdir(folder) or not os.listdir(folder):
            pip = [os.path.join(self.backends, "bin", "python"), "-m", "pip", "download", "--quiet", "--no-deps"]
            pip += ["--disable-pip-version-check", "--no-binary", ":all:", "--no-build-isolation"]
            run([*pip, "--dest", folder + ".part", f"{name}=={version}"], env=self.environ)
            os.rename(folder + ".part", folder)
        (archive,) = os.listdir(folder)
        return os.path.join(folder, archive)

    def make(self, project):
        """Unpacks a project and installs it into an environment of its own, unless that was done before."""
        name, version = project["name"], project["version"]
        folder = os.path.join(self.folder, name)
        wanted = json.dumps([project, os.path.realpath(PYTHON)], sort_keys=True)
        key = hashlib.sha256(wanted.encode()).hexdigest()
        if read(os.path.join(folder, "installed.txt")) == key:
            return
        shutil.rmtree(folder, ignore_errors=True)
        archive = self.fetch(name, version)
        with tarfile.open(archive) as opened:
            opened.extractall(folder, **SAFELY)
        (source,) = os.listdir(folder)
        os.rename(os.path.join(folder, source), os.path.join(folder, "source"))
        source = os.path.join(folder, "source")
        # A checkout is what its developers have; nothing above it belongs to it.
        os.makedirs(os.path.join(source, ".git"), exist_ok=True)
        run([self.uv, "venv", "--quiet", "--python", PYTHON, ".venv"], cwd=source, env=self.environ)
        extras = ",".join(project.get("extras", []))
        what = ["--editable", f".[{extras}]" if extras else "."]
        for group in project.get("groups", []):
            what += ["--group", group]
        for requirements in project.get("requirements", []):
            what += ["--requirement", requirements]
        environ = dict(self.environ, **project.get("variables", {}))
        run([self.uv, "pip", "install", "--quiet", "--python", ".venv", *what], cwd=source, env=environ)
        write(os.path.join(folder, "installed.txt"), key)

    def check(self, project):
        """Returns what is wrong, and one line about what was followed."""
        source = os.path.join(self.folder, project["name"], "source")
        home = os.path.join(self.folder, "home")
        os.makedirs(home, exist_ok=True)
        environ = {"HOME": home, "PATH": "/usr/bin:/bin"}
        ended = subprocess.run(
            [self.program, "check", "--output-format", "json", *project.get("paths", ["."])],
            cwd=source,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        try:
            said = json.loads(ended.stdout)
        except ValueError:
            raise Failure(f"the check ended with {ended.returncode}:\n{ended.stderr.strip()}") from None
        wrong = []
        for it in said["diagnostics"]:
            path = os.path.relpath(it["path"], source)
            line = it["range"]["start"]["line"]
            wrong.append(f"{path}:{line}: {it['severity']}[{it['code']}] {it['message']}")
        summary = said["summary"]
        total, by_origin = summary["imports"]["total"], summary["imports"]["by_origin"]
        installs = "extras" in project or "groups" in project or "requirements" in project
        for origin in ["project", "stdlib"] + ["site-packages"] * installs:
            if not by_origin.get(origin):
                wrong.append(f"no import was followed to {origin}: {by_origin}")
        if total < FEWEST_IMPORTS or by_origin.get("unresolved", 0) > total * MOST_UNRESOLVED:
            wrong.append(f"too few of {total} imports were followed: {by_origin}")
        if ended.returncode != 0 and not wrong:
            wrong.append(f"the check ended with {ended.returncode}: {ended.stderr.strip()}")
        counts = ", ".join(f"{count} {origin}" for origin, count in sorted(by_origin.items()))
        return wrong, f"{summary['files']} files, {total} imports: {counts}"


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def main(tools, folder, program, *names):
    with open(os.path.join(HERE, "projects.toml"), "rb") as file:
        projects = tomllib.load(file)["project"]
    unknown = set(names) - {project["name"] for project in projects}
    if unknown:
        sys.exit(f"no such project: {', '.join(sorted(unknown))}")
    projects = [project for project in projects if not names or project["name"] in names]
    workshop = Workshop(tools, folder, program)
    workshop.install_backends()
    failed = 0

    def attempt(project):
        try:
            workshop.make(project)
            return workshop.check(project)
        except Failure as failure:
            return [str(failure)], "failed"

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for project, (wrong, followed) in zip(projects, pool.map(attempt, projects)):
            print(f"{project['name']} {project['version']}: {followed}", flush=True)
            for line in wrong:
                print(f"    {line}")
            failed += bool(wrong)
    if len(projects) < 15 and not names:
        sys.exit("fewer than 15 projects were checked")
    if failed:
        sys.exit(f"{failed} of {len(projects)} projects are accused of something, or could not be checked")
    print(f"nothing to say about {len(projects)} projects")


if __name__ == "__main__":
    main(*sys.argv[1:])
