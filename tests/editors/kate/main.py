"""Kate end to end: the demo project, the settings that README.md tells, the real server. Run by `run`, inside a chroot.

What Kate and the server say to each other is written down on the way; what Kate makes of it is on the picture that is kept.
"""

import json
import os
import pathlib
import random
import re
import shutil
import subprocess

from demo import books, demo, make_environment, point_to, pyvenv, servers, work
from screen import becomes, check, complaints, finish, saved, soon

said = work / "said"
kept = work / "kept"

# Where the text and the list of diagnostics are, in a window of 1000 by 600.
TEXT = "850x270+85+100"
LIST = "950x180+41+390"

DISPLAY = ":%d" % random.randrange(90, 900)


def messages():
    """What the server has said so far."""
    rest = said.read_bytes() if said.exists() else b""
    while True:
        head, found, rest = rest.partition(b"\r\n\r\n")
        length = int(head.rpartition(b":")[2] or 0) if found else 0
        if not found or len(rest) < length:
            return
        yield json.loads(rest[:length])
        rest = rest[length:]


def shown():
    """The last list of diagnostics for the file."""
    found = [it["params"] for it in messages() if it.get("method") == "textDocument/publishDiagnostics"]
    found = [it["diagnostics"] for it in found if it["uri"] == books.as_uri()]
    return [it["code"] for it in found[-1]] if found else None


def told():
    """What stands at the end of each progress."""
    values = [it["params"]["value"] for it in messages() if it.get("method") == "$/progress"]
    return [value["message"] for value in values if value["kind"] == "end" and value.get("message")]


def asked():
    """The answers that the user was given to choose from."""
    return [it["params"]["actions"] for it in messages() if it.get("method") == "window/showMessageRequest"]


def hovered():
    """What the server answered to questions about a place."""
    answers = [it["result"] for it in messages() if isinstance(it.get("result"), dict)]
    return [it["contents"]["value"] for it in answers if isinstance(it.get("contents"), dict)]


def press(*words):
    """Says what a hand would do: `xdotool` takes the words."""
    subprocess.run(["xdotool", *words], env=environment, check=True, capture_output=True)


def seen(area):
    """What is to be seen in a part of the screen, as bytes: WIDTHxHEIGHT+LEFT+TOP."""
    command = ["import", "-window", "root", "-crop", area, "-depth", "8", "rgb:-"]
    return subprocess.run(command, env=environment, check=True, capture_output=True).stdout


def is_drawn(area, before):
    """Waits until a part of the screen is another and has come to rest: nothing tells when a window is drawn."""
    last = before

    def rests():
        nonlocal last
        last, previous = seen(area), last
        return last != before and last == previous

    return becomes(rests, 30)


def picture(name):
    subprocess.run(["import", "-window", "root", str(kept / (name + ".png"))], env=environment, check=True)


def take_fix(number, file, pattern):
    """Opens the menu of quick fixes on `yaml`, takes one of them, and saves what it has changed."""
    press("mousemove", "400", "200", "click", "1", "mousemove", "152", "200", "click", "1")
    before = seen(TEXT)
    press("key", "ctrl+period")
    check(is_drawn(TEXT, before), "the menu of quick fixes opens")
    picture("fixes")
    press("key", *["Down"] * number, "Return")

    def written():
        press("key", "ctrl+l")
        return re.search(pattern, saved(file))

    soon(written, "one that changes %s applies" % file.name, lambda: saved(file))


make_environment()

server = work / "bin/written-down"
server.write_text("#!/bin/sh\nfromwhere server 2>>%s | tee %s\n" % (kept / "server.log", said))
server.chmod(0o755)
settings = json.loads((work / "plugin/settings.json").read_text())
settings["servers"]["python"]["command"] = [str(server)]
configuration = pathlib.Path(os.environ["XDG_CONFIG_HOME"])
(configuration / "kate/lspclient").mkdir(parents=True)
(configuration / "kate/lspclient/settings.json").write_text(json.dumps(settings))
(configuration / "katerc").write_text(
    "[General]\nStartup Session=new\nShow welcome view for new window=false\n"
    "[Kate Plugins]\nlspclientplugin=true\nkateprojectplugin=true\n"
    "[lspclient]\nAllowedServerCommandLines=%s\nDiagnostics=true\n" % server
)
runtime = work / "runtime"
runtime.mkdir(mode=0o700)
environment = {
    **os.environ,
    "DISPLAY": DISPLAY,
    "XDG_RUNTIME_DIR": str(runtime),
    "QT_QPA_PLATFORM": "xcb",
    "LIBGL_ALWAYS_SOFTWARE": "1",
}
log = (kept / "kate.log").open("w")
screen = subprocess.Popen(["Xvfb", DISPLAY, "-screen", "0", "1000x600x24", "-nolisten", "tcp"], stderr=log)
soon(lambda: pathlib.Path("/tmp/.X11-unix/X" + DISPLAY[1:]).exists(), "there is a screen")
command = ["dbus-run-session", "--", "kate", "--startanon", "--line", "8", "--column", "9", str(books)]
kate = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
try:
    soon(lambda: len(servers()) == 1, "one server runs", servers)
    soon(lambda: shown() == ["import-from-os"], "the diagnostic comes", shown)
    soon(
        lambda: any(re.search(r"\.venv · Python 3\.\d+ · 1 package", it) for it in told()), "and the environment", told
    )
    # Its window as large as the screen, and the list of diagnostics below.
    press("search", "--sync", "--onlyvisible", "--name", "books.py", "windowsize", "--sync", "%1", "1000", "600")
    is_drawn(LIST, b"")
    before = seen(LIST)
    press("mousemove", "95", "590", "click", "1")
    check(is_drawn(LIST, before), "the list of diagnostics opens")
    picture("diagnostic")
    # The name in `import yaml`, on the picture that was just taken. Kate asks once the mouse has come to rest.
    before = seen(TEXT)
    press("mousemove", "152", "204", "sleep", "0.1", "mousemove", "152", "200")
    soon(lambda: any("python3-yaml" in text for text in hovered()), "the mouse rests on `yaml`: where from", hovered)
    check(is_drawn(TEXT, before), "and it is shown")
    picture("hover")
    text = pyvenv.read_text()
    pyvenv.write_text(text.replace("include-system-site-packages = true", "include-system-site-packages = false"))
    soon(lambda: shown() == ["import-found-elsewhere"], "pyvenv.cfg is edited, and it is another", shown)
    pyvenv.write_text(text)
    soon(lambda: shown() == ["import-from-os"], "and back", shown)
    subprocess.run([work / "tests/pip.sh", "install"], cwd=demo, check=True)
    soon(lambda: shown() == [], "`pip install` of PyYAML, and the diagnostic is gone", shown)
    subprocess.run([work / "tests/pip.sh", "uninstall"], cwd=demo, check=True)
    soon(lambda: shown() == ["import-from-os"], "and uninstalled again", shown)
    shutil.rmtree(demo / ".venv")
    soon(lambda: ".venv" not in told()[-1], "without .venv, that is told", told)
    make_environment()
    soon(lambda: re.search(r"\.venv · .* · 1 package", told()[-1]), "and made again", told)
    soon(lambda: shown() == ["import-from-os"], "with its diagnostic", shown)
    python = os.readlink(demo / ".venv/bin/python3")
    before = seen(TEXT)
    point_to("/nowhere/python3")
    soon(asked, "its Python is gone, and after a while the server has Kate ask what to do", asked)
    check(is_drawn(TEXT, before), "which it shows")
    picture("question")
    before = seen(TEXT)
    press("key", "alt+n")
    check(is_drawn(TEXT, before), "and which `Not now` puts away")
    point_to(python)
    soon(lambda: shown() == ["import-from-os"], "the Python is back", shown)
    take_fix(3, books, r"import yaml  # fromwhere: ignore\[import-from-os\]\n")
    soon(lambda: shown() == [], "and its diagnostic goes away", shown)
    press("key", "ctrl+z")
    soon(lambda: shown() == ["import-from-os"], "until it is undone", shown)
    take_fix(1, demo / "pyproject.toml", r'"PyYAML"')
    wrong = complaints(saved(kept / "server.log"), "(.*)")
    check(not wrong, "the server logs no error", wrong)
    press("key", "ctrl+q")
    soon(lambda: not servers(), "the server ends with Kate", servers)
    names = {it.get("method") for it in messages() if "id" not in it}
    check(names <= {"textDocument/publishDiagnostics", "$/progress"}, "nothing is said that Kate does not know", names)
finally:
    kate.terminate()
    kate.wait(10)
    screen.terminate()
    screen.wait(10)
finish()
