"""Builds broken situations for real, and expects exactly the diagnostics that are written down beside them.

    check.py TOOLS PROGRAM [--update] [TITLE...]

The situations stand in `*.md` beside this file: every heading of the second level is one, and README.md says what its blocks
mean. Each is built in a folder of its own by real tools (`venv` of Debian's Python, uv from TOOLS), then PROGRAM, which is
`fromwhere`, checks it with its default rules. `--update` writes what was said into the pages: read it before you keep it.
"""

import concurrent.futures
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"
FEWEST = 50
AT_ONCE = 2

# What the situations are built with. A failing command ends the situation.
PRELUDE = """
set -eu
short=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
site=.venv/lib/python$short/site-packages
# A virtual environment, as Debian's Python makes it.
venv() { "$PYTHON" -m venv --without-pip "$@"; }
# wheel [--requires X] NAME VERSION FILE...
wheel() { "$PYTHON" "$CORPUS/wheel.py" "$HOME/wheels" "$@"; }
# install ENVIRONMENT REQUIREMENT...
install() {
    local environment=$1
    shift
    uv pip install --quiet --offline --no-index --no-deps --find-links "$HOME/wheels" --python "$environment" "$@"
}
# ipykernel_of ENVIRONMENT OPTION...: its kernel is registered by ipykernel itself.
ipykernel_of() {
    local environment=$1
    shift
    PYTHONPATH=$(echo "$KERNELS"/lib/python*/site-packages) "$environment/bin/python" -m ipykernel install "$@" >/dev/null
}
# base FOLDER VERSION: the files by which a Python that somebody built is known; nobody starts it.
base() {
    mkdir -p "$1/bin" "$1/lib/python$2/lib-dynload" "$1/lib/python$2/site-packages"
    printf '\\177ELF' >"$1/bin/python$2"
    chmod +x "$1/bin/python$2"
    ln -s "python$2" "$1/bin/python3"
    ln -s "python$2" "$1/bin/python"
    : >"$1/lib/python$2/os.py"
}
# venv_of FOLDER BASE VERSION [true]: what `python -m venv` of such a Python leaves.
venv_of() {
    mkdir -p "$1/bin" "$1/lib/python$3/site-packages"
    ln -s "$2/bin/python$3" "$1/bin/python"
    ln -s python "$1/bin/python3"
    printf 'home = %s/bin\\ninclude-system-site-packages = %s\\nversion = %s.4\\n' "$2" "${4:-false}" "$3" \\
        >"$1/pyvenv.cfg"
}
"""


class Situation:
    """One heading and its blocks."""

    def __init__(self, page, title):
        self.page, self.title = page, title
        # In their order: (language, argument, text).
        self.blocks = []

    def texts(self, language):
        return [text for kind, _, text in self.blocks if kind == language]

    def expected(self):
        return sorted(line for text in self.texts("diagnostics") for line in text.splitlines())

    def inside(self, home, command):
        """Runs with folders of our own in the place of the machine's, seen by nobody else."""
        folders = "\n".join(self.texts("replaced")).split()
        if not folders:
            return command
        mounts = ""
        for folder in folders:
            own = os.path.join(home, "replaced") + folder
            os.makedirs(own, exist_ok=True)
            mounts += f"mount --bind {own} {folder} && "
        user = [] if os.geteuid() == 0 else ["--map-root-user"]
        return ["unshare", "--mount", *user, "sh", "-c", mounts + 'exec "$@"', "sh", *command]

    def build(self, home, tools):
        project = os.path.join(home, "app")
        os.makedirs(os.path.join(project, ".git"))
        environ = {
            "HOME": home,
            "PATH": os.path.join(tools, "bin") + ":/usr/bin:/bin",
            "PYTHON": PYTHON,
            "CORPUS": HERE,
            "KERNELS": os.path.join(os.path.dirname(tools), "kernels"),
            "UV_CACHE_DIR": os.path.join(home, ".cache", "uv"),
            "UV_NO_CONFIG": "1",
        }
        for language, argument, text in self.blocks:
            if language == "bash":
                command = self.inside(home, ["bash", "-c", PRELUDE + text])
                ended = subprocess.run(
                    command,
                    cwd=project,
                    env=environ,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    check=False,
                )
                if ended.returncode != 0:
                    raise RuntimeError(f"it could not be built:\n{ended.stdout}")
            elif argument:
                path = os.path.join(project, argument)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
        return project

    def check(self, tools, program):
        """Returns what is said, in the words of the page."""
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            home = os.path.join(os.path.realpath(folder), "home")
            os.makedirs(home)
            project = self.build(home, tools)
            environ = {"HOME": home, "PATH": "/usr/bin:/bin"}
            for line in "\n".join(self.texts("env")).split():
                name, value = line.split("=", 1)
                environ[name] = value.replace("$HOME", home).replace("$short", short())
            ended = subprocess.run(
                self.inside(home, [program, "check", "--output-format", "json"]),
                cwd=project,
                env=environ,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
            try:
                said = json.loads(ended.stdout)["diagnostics"]
            except ValueError:
                raise RuntimeError(f"the check ended with {ended.returncode}:\n{ended.stderr}") from None
            grave = any(it["severity"] in ("error", "warning") for it in said)
            if ended.returncode != int(grave):
                raise RuntimeError(f"the check ended with {ended.returncode}: {ended.stderr}")
            lines = []
            for it in said:
                path, line = os.path.relpath(it["path"], project), it["range"]["start"]["line"]
                lines.append(f"{path}:{line}: {it['severity']}[{it['code']}] {it['message']}")
            return sorted(plain(line, home) for line in lines)


def plain(text, home):
    """Replaces what differs from machine to machine."""
    # The middle of a long path is cut out, so the name of the folder may stand alone, and is always as long.
    text = text.replace(home, "$HOME").replace(os.path.basename(os.path.dirname(home)), "$folder")
    text = re.sub("…[^/`]*/home/", "…/home/", text)
    text = text.replace(f"Python {full()}", "Python $full").replace(f"python{short()}", "python$short")
    return re.sub(rf"\bPython {re.escape(short())}\b(?!\.)", "Python $short", text)


def asked_once(text, known={}):
    if text not in known:
        ended = subprocess.run([PYTHON, "-c", text], stdout=subprocess.PIPE, text=True, check=True)
        known[text] = ended.stdout.strip()
    return known[text]


def short():
    return asked_once("import sys; print('%d.%d' % sys.version_info[:2])")


def full():
    return asked_once("import sys; print('%d.%d.%d' % sys.version_info[:3])")


def read(page):
    with open(page, encoding="utf-8") as file:
        text = file.read()
    situations = []
    fence = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        situation = Situation(page, title.strip())
        situation.blocks = [(kind, argument, content) for kind, argument, content in fence.findall(body)]
        situations.append(situation)
    return situations


def update(situation, said):
    with open(situation.page, encoding="utf-8") as file:
        text = file.read()
    begin = text.index(f"## {situation.title}\n")
    begin = text.index("```diagnostics\n", begin) + len("```diagnostics\n")
    end = text.index("```\n", begin)
    with open(situation.page, "w", encoding="utf-8") as file:
        file.write(text[:begin] + "".join(line + "\n" for line in said) + text[end:])


def main(tools, program, *titles):
    tools, program = os.path.realpath(tools), os.path.abspath(program)
    updates = "--update" in titles
    titles = [title for title in titles if title != "--update"]
    pages = sorted(page for page in glob.glob(os.path.join(HERE, "*.md")) if not page.endswith("README.md"))
    situations = [it for page in pages for it in read(page)]
    if len(situations) < FEWEST:
        sys.exit(f"only {len(situations)} situations were found")
    if titles:
        situations = [it for it in situations if it.title in titles]
    for situation in situations:
        if len(situation.texts("diagnostics")) != 1:
            sys.exit(f"{situation.title}: it needs one block of diagnostics")

    def attempt(situation):
        try:
            return situation.check(tools, program), None
        except (RuntimeError, OSError) as failure:
            return [], str(failure)

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for situation, (said, failure) in zip(situations, pool.map(attempt, situations)):
            expected = situation.expected()
            if failure is None and said == expected:
                continue
            failed += 1
            print(f"{os.path.basename(situation.page)}: {situation.title}")
            if failure:
                print(f"    {failure}")
                continue
            for line in said:
                if line not in expected:
                    print(f"    unexpected: {line}")
            for line in expected:
                if line not in said:
                    print(f"    missing:    {line}")
            if updates:
                update(situation, said)
    if failed:
        sys.exit(f"{failed} of {len(situations)} situations are not as they are written down")
    print(f"{len(situations)} situations, each with exactly its diagnostics")


if __name__ == "__main__":
    main(*sys.argv[1:])
