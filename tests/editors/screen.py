"""A terminal with one program in it: types keys, reads the screen, and counts what held."""

import re
import subprocess
import sys
import time

# In seconds. A busy machine may need long; only what fails waits so long.
PATIENCE = 30.0
# After Escape a program needs a moment before the next key: both in one read would be Alt and the key.
ESCAPE = 0.5

began = time.monotonic()
counts = {"passed": 0, "failed": 0}


def check(held, what, seen=""):
    counts["passed" if held else "failed"] += 1
    milliseconds = int((time.monotonic() - began) * 1000)
    print("%s %6d ms  %s" % ("ok  " if held else "FAIL", milliseconds, what), flush=True)
    if not held and seen:
        print(seen, flush=True)
    return held


def becomes(held, patience):
    """Whether something becomes true within a while."""
    end = time.monotonic() + patience
    while not held():
        if time.monotonic() > end:
            return False
        time.sleep(0.03)
    return True


def soon(held, what, seen=lambda: ""):
    """Checks that something becomes true within a while."""
    return check(True, what) if becomes(held, PATIENCE) else check(False, what, seen())


def saved(path):
    """What a file holds, and nothing where an editor is between moving the old one away and writing the new."""
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def complaints(text, of_server):
    """Returns the lines of an editor's log that tell of an error.

    What the server says on stderr is an error to most editors, whatever it is: those lines are known by a pattern, and the
    server's own word counts.
    """
    lines = text.splitlines()
    said = [re.search(of_server, line) for line in lines]
    is_wrong = [re.search("ERROR|WARN", it[1] if it else line) for line, it in zip(lines, said)]
    return "\n".join(line for line, wrong in zip(lines, is_wrong) if wrong)


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

    def close(self, pattern):
        """Closes a window of the editor's in which a pattern is to be seen."""
        self.keys("Escape")
        self.shows_no(pattern, "which is closed")

    def command(self, text):
        """A command of Helix or Neovim, such as `:w`."""
        self._answer(":", "^:", text)

    def go_to(self, text, place):
        """Of Helix: searches; the cursor comes to rest on the last letter."""
        for _ in range(4):
            self._answer("/", "^search:", text)
            if becomes(lambda: self.line(r"^ NOR .* %s\s*$" % place), 5):
                return
        check(False, "the cursor goes to `%s`" % text, self.text())

    def _answer(self, key, prompt, text):
        """Types into a prompt that a key opens, once it is there: elsewhere the letters would be commands."""
        for _ in range(5):
            self.type(key)
            if becomes(lambda: re.search(prompt, self.text().rstrip().rpartition("\n")[2]), 3):
                self.type(text)
                self.keys("Enter")
                return
            self.escape()
        check(False, "`%s` opens a prompt" % key, self.text())

    def go_to_line(self, number, column):
        """Of Neovim: the cursor on a letter of a line, both from 1."""
        self.escape()
        self.type("%dG%d|" % (number, column))

    def shows(self, pattern, what):
        return soon(lambda: self.line(pattern), what, lambda: "wanted /%s/ on\n%s" % (pattern, self.text()))

    def shows_no(self, pattern, what):
        return soon(lambda: not self.line(pattern), what, lambda: "wanted no /%s/ on\n%s" % (pattern, self.text()))
