"""A terminal with one program in it: types keys, reads the screen, and counts what held."""

import re
import subprocess
import sys
import time

PATIENCE = 10.0
# Helix needs a moment between two keys only after Escape: both in one read would be Alt and the key.
ESCAPE = 0.25

began = time.monotonic()
counts = {"passed": 0, "failed": 0}


def check(held, what, seen=""):
    counts["passed" if held else "failed"] += 1
    milliseconds = int((time.monotonic() - began) * 1000)
    print("%s %6d ms  %s" % ("ok  " if held else "FAIL", milliseconds, what), flush=True)
    if not held and seen:
        print(seen, flush=True)
    return held


def soon(held, what, seen=lambda: ""):
    """Checks that something becomes true within a while."""
    end = time.monotonic() + PATIENCE
    while not held():
        if time.monotonic() > end:
            return check(False, what, seen())
        time.sleep(0.03)
    return check(True, what)


def saved(path):
    """What a file holds, and nothing where an editor is between moving the old one away and writing the new."""
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def finish():
    print("%(passed)d passed, %(failed)d failed" % counts)
    sys.exit(0 if counts["failed"] == 0 and counts["passed"] > 0 else 1)


class Screen:
    """One tmux server with one window."""

    def __init__(self, command, environment, width=120, height=40):
        self.width, self.height = width, height
        sizes = ["-x", str(width), "-y", str(height)]
        variables = ["-e%s=%s" % item for item in environment.items()]
        self._tmux("new-session", "-d", *sizes, *variables, command)

    @staticmethod
    def _tmux(*arguments):
        command = ["tmux", "-f", "/dev/null", "-L", "fromwhere", *arguments]
        return subprocess.run(command, check=True, text=True, capture_output=True).stdout

    def text(self):
        try:
            return self._tmux("capture-pane", "-p")
        except subprocess.CalledProcessError as error:
            return "there is no screen any more: " + error.stderr

    def keep(self, path, height):
        """Writes down what is to be seen in a window of that height, with its colors and what is blank."""
        self._tmux("resize-window", "-x", "100", "-y", str(height))
        # Nothing tells when all is drawn anew.
        time.sleep(0.5)
        path.write_text(self._tmux("capture-pane", "-e", "-N", "-p"))
        self._tmux("resize-window", "-x", str(self.width), "-y", str(self.height))

    def line(self, pattern):
        """The first line on which a pattern is found, or None."""
        return next((line for line in self.text().splitlines() if re.search(pattern, line)), None)

    def keys(self, *keys):
        self._tmux("send-keys", *keys)

    def type(self, text):
        self._tmux("send-keys", "-l", text)

    def escape(self):
        self.keys("Escape")
        time.sleep(ESCAPE)

    def command(self, text):
        """A command of Helix or Neovim, such as `:w`."""
        self.escape()
        self.type(":" + text)
        self.keys("Enter")

    def go_to(self, text, place):
        """Searches; the cursor comes to rest on the last letter."""
        for _ in range(4):
            self.escape()
            self.type("gg/" + text)
            self.keys("Enter")
            end = time.monotonic() + 2
            while time.monotonic() < end:
                if self.line(r"^ NOR .* %s\s*$" % place):
                    return
                time.sleep(0.03)
        check(False, "the cursor goes to `%s`" % text, self.text())

    def go_to_line(self, number, column):
        """Of Neovim: the cursor on a letter of a line, both from 1."""
        self.escape()
        self.type("%dG%d|" % (number, column))

    def shows(self, pattern, what):
        return soon(lambda: self.line(pattern), what, lambda: "wanted /%s/ on\n%s" % (pattern, self.text()))

    def shows_no(self, pattern, what):
        return soon(lambda: not self.line(pattern), what, lambda: "wanted no /%s/ on\n%s" % (pattern, self.text()))
