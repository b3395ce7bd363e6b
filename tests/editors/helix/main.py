"""Helix end to end: the demo project, languages.toml as we publish it, the real server. Run by `run`, inside a chroot."""

import os
import re
import shutil
import subprocess
import time

from demo import books, demo, make_environment, point_to, pyvenv, restore, servers, work
from screen import Screen, check, complaints, finish, saved, soon

kept = work / "kept"

FROM_DEBIAN = r"`yaml` comes from Debian \(python3-yaml\), not from .venv"


def run(*command):
    return subprocess.run(command, cwd=demo, check=True, text=True, capture_output=True).stdout


def configure(settings=""):
    folder = work / "config/helix"
    folder.mkdir(parents=True, exist_ok=True)
    languages = (work / "plugin/languages.toml").read_text()
    ours = "config = { fromwhere = {%s} }"
    check(languages.count(ours % "") == 1, "languages.toml has a place for settings", languages)
    (folder / "languages.toml").write_text(languages.replace(ours % "", ours % settings))
    (folder / "config.toml").write_text(
        "[editor]\ntrue-color = true\n"
        "[editor.lsp]\ndisplay-messages = true\ndisplay-progress-messages = true\ndisplay-inlay-hints = true\n"
        '[editor.inline-diagnostics]\ncursor-line = "hint"\nother-lines = "hint"\n'
    )


def nothing_is_wrong():
    """Until the server is ended: to a request that is still open then, Helix says that it cannot close it."""
    complained = complaints(log.read_text(), r'fromwhere err <- "(.*)')
    check(not complained, "nothing went wrong between Helix and the server", complained)


make_environment()
configure()

health = re.sub(r"\x1b\[[0-9;]*m", "", run("hx", "--health", "python"))
check("✓ fromwhere: %s" % (work / "bin/fromwhere") in health, "`hx --health python` finds the server", health)

names = ["HOME", "PATH", "LANG", "XDG_CONFIG_HOME", "XDG_STATE_HOME"]
environment = {name: os.environ[name] for name in names}
environment["TERM"] = "tmux-256color"
environment["COLORTERM"] = "truecolor"
log = kept / "helix.log"
start = "cd %s && exec hx --log %s -v %s" % (demo, log, books)
screen = Screen(start, environment)

screen.shows("import yaml", "the file opens")
screen.shows(FROM_DEBIAN, "the diagnostic is drawn below its line")
screen.shows(r"\.venv · Python 3\.\d+ · 1 package", "the status line tells the environment")
soon(lambda: len(servers()) == 1, "one server runs", servers)

picture = screen.text()
(kept / "diagnostic.txt").write_text(picture)
screen.keep(kept / "diagnostic.ansi", 24)
shown = (work / "plugin/README.md").read_text().split("```text\n")[1].split("```")[0].splitlines()
missing = [line for line in shown if line.strip() and line.rstrip() not in picture]
check(len(shown) > 5 and not missing, "the picture in the README is what Helix shows", missing)

screen.go_to("import yaml", "8:11")
screen.type(" k")
screen.shows(r"yaml · PyYAML .*python3-yaml", "hover tells the Debian package")
screen.shows(r"/usr/lib/python3/dist-packages/yaml/__init__\.py", "and the file")
(kept / "hover.txt").write_text(screen.text())
screen.keep(kept / "hover.ansi", 24)
screen.close("yaml · PyYAML")
screen.type(" d")
screen.shows("import-from-os", "the list of diagnostics tells the rule")
screen.close("import-from-os")

screen.shows(FROM_DEBIAN, "before anything changes on disk")
settings = pyvenv.read_text()
pyvenv.write_text(settings.replace("include-system-site-packages = true", "include-system-site-packages = false"))
screen.shows(r"`yaml` is not .*Debian", "pyvenv.cfg is edited, and the diagnostic is another, with no key pressed")
pyvenv.write_text(settings)
screen.shows(FROM_DEBIAN, "and back")
run(work / "tests/pip.sh", "install")
screen.shows_no(r"`yaml`", "`pip install` of PyYAML, and the diagnostic is gone, with no key pressed")
screen.shows(r"\.venv · Python 3\.\d+ · 2 packages", "and the status line counts it")
run(work / "tests/pip.sh", "uninstall")
screen.shows(FROM_DEBIAN, "and uninstalled again")
shutil.rmtree(demo / ".venv")
screen.shows_no(FROM_DEBIAN, ".venv is deleted, and nothing comes past it any more")
make_environment()
screen.shows(FROM_DEBIAN, "and made again")
screen.shows(r"\.venv · Python 3\.\d+ · 1 package", "and the status line tells it")

python = os.readlink(demo / ".venv/bin/python3")
point_to("/nowhere/python3")
screen.shows(r"\.venv: .*leads nowhere", "the environment's Python is gone, and the status line tells it")
screen.shows("Show import roots", "and after a while Helix asks what to do")
screen.shows("leads to `/nowhere/python3`", "with what is wrong")
(kept / "question.txt").write_text(screen.text())
screen.keys("Enter")
screen.shows("# Import roots of `demo`", "its first answer shows the import roots")
point_to(python)
screen.command("buffer-close")
screen.shows(FROM_DEBIAN, "the Python is back")

screen.command("lsp-workspace-command fromwhere.server.roots")
screen.shows("# Import roots of `demo`", "the import roots open as a document")
screen.shows(r"\| \d+ .*`/usr/lib/python3/dist-packages`.* dist-packages", "with its roots")
(kept / "roots.txt").write_text(screen.text())
documents = list(work.glob(".cache/fromwhere/*/roots.md"))
check(len(documents) == 1, "which lies in the user's own cache, not in the project", documents)
check("What `src/catalogue/books.py` imports" in documents[0].read_text(), "and speaks of the file at hand")
check(not list(demo.rglob("roots.md")), "and the project has no such file")
screen.command("buffer-close")
screen.shows("import yaml", "the file is there again")

screen.go_to("import yaml", "8:11")
screen.type(" a")
screen.shows("Ignore", "the quick fixes are listed")
screen.shows("Explain the import of `yaml`", "and the explanation")
(kept / "actions.txt").write_text(screen.text())
titles = [line for line in screen.text().splitlines() if re.search(r"Add|Allow|Ignore|Install|Explain", line)]
screen.keys(*["Down"] * next(at for at, line in enumerate(titles) if "Install" in line), "Enter")
screen.shows("Run in a terminal: ", "a fix that is a command line is shown as a message")

screen.go_to("import yaml", "8:11")
screen.type(" a")
screen.shows("Add `PyYAML`", "the first fix is the dependency")
screen.keys("Enter")
screen.shows_no("Add `PyYAML`", "which is taken")
screen.go_to("import yaml", "8:11")
screen.type(" a")
screen.shows("Allow `yaml`", "another fix edits the same file")
titles = [line for line in screen.text().splitlines() if re.search(r"Add|Allow|Ignore|Install|Explain", line)]
screen.keys(*["Down"] * next(at for at, line in enumerate(titles) if "Allow" in line), "Enter")
screen.command("write-all")
manifest = demo / "pyproject.toml"
soon(
    lambda: re.search(r'"shelfmark>=1.0",\n    "PyYAML",\n\]', saved(manifest)),
    "the fix is applied: the dependency is declared",
    lambda: saved(manifest) + screen.text(),
)
soon(
    lambda: saved(manifest).endswith('"setuptools.build_meta"\n\n[tool.fromwhere]\nallow = ["yaml"]\n'),
    "and so is the other, though nothing was saved between them",
    lambda: saved(manifest) + screen.text(),
)

(demo / "Dockerfile").write_text("FROM debian:13\nRUN pip install requests\n")
screen.command("open %s" % (demo / "Dockerfile"))
screen.shows("`pip install` is refused in `debian:13`", "a Dockerfile is checked")
screen.command("buffer-close")
(demo / "Dockerfile").unlink()

nothing_is_wrong()
screen.command("lsp-restart fromwhere")
soon(lambda: len(servers()) == 1, "`:lsp-restart` leaves one server", servers)
screen.command("quit-all!")
soon(lambda: not servers(), "no server is left after `:quit-all`", servers)

# Another Helix, with settings.
restore()
configure('inlayHints = true, watch = "off"')
log.unlink()
screen = Screen(start, environment)
screen.shows("import yaml debian", "an inlay hint stands behind what comes from elsewhere")
yaml = next(demo.glob(".venv/lib/python3*/site-packages")) / "yaml"
yaml.mkdir()
(yaml / "__init__.py").touch()
time.sleep(1)
screen.shows(FROM_DEBIAN, "where nothing is watched, an installation goes unseen")
screen.command("lsp-workspace-command fromwhere.server.checkAgain")
screen.shows_no(FROM_DEBIAN, "the command `checkAgain` has everything read again, and it is seen")
nothing_is_wrong()
screen.command("quit-all!")
soon(lambda: not servers(), "and no server is left", servers)
finish()
