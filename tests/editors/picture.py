"""Makes a picture of a terminal. Usage: picture.py SCREEN PICTURE.png

SCREEN is what `tmux capture-pane -e -p` says; Chromium ($CHROMIUM, or the one on PATH) draws it.
"""

import collections
import html
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FOREGROUND, BACKGROUND = "#d8dee9", "#1e222a"
BASIC = "#3b4252 #e06c75 #98c379 #e5c07b #61afef #c678dd #56b6c2 #d8dee9".split()
BRIGHT = "#5c6370 #ef7f88 #a9d48a #f0cf8e #74bdf7 #d38ae8 #6bc7d3 #ffffff".split()
# Of a character of 14 pixels in DejaVu Sans Mono, and of a line.
WIDTH, HEIGHT = 8.43, 19


def indexed(number):
    """A color of the palette of 256."""
    if number < 16:
        return (BASIC + BRIGHT)[number]
    if number >= 232:
        return "#%02x%02x%02x" % ((8 + 10 * (number - 232),) * 3)
    steps = [0, 95, 135, 175, 215, 255]
    number -= 16
    return "#%02x%02x%02x" % (steps[number // 36], steps[number // 6 % 6], steps[number % 6])


class Pen:
    """How the next characters are drawn (SGR, ECMA-48)."""

    def __init__(self):
        self.foreground = self.background = None
        self.on = set()

    def take(self, words):
        numbers = [int(word.split(":")[0] or 0) for word in words.split(";")]
        while numbers:
            number = numbers.pop(0)
            if number == 0:
                self.__init__()
            elif number in (1, 2, 3, 4, 7):
                self.on.add(number)
            elif number in (22, 23, 24, 27):
                self.on -= {1, 2} if number == 22 else {number - 20}
            elif number in (38, 48, 58):
                kind = numbers.pop(0)
                color = indexed(numbers.pop(0)) if kind == 5 else "#%02x%02x%02x" % tuple(numbers[:3])
                numbers = numbers[3:] if kind == 2 else numbers
                self.foreground = color if number == 38 else self.foreground
                self.background = color if number == 48 else self.background
            elif number in (39, 49):
                self.foreground = None if number == 39 else self.foreground
                self.background = None if number == 49 else self.background
            elif 30 <= number <= 37 or 90 <= number <= 97:
                self.foreground = BASIC[number - 30] if number < 40 else BRIGHT[number - 90]
            elif 40 <= number <= 47 or 100 <= number <= 107:
                self.background = BASIC[number - 40] if number < 50 else BRIGHT[number - 100]

    def style(self):
        colors = [self.foreground or FOREGROUND, self.background or BACKGROUND]
        foreground, background = reversed(colors) if 7 in self.on else colors
        # A box as high as the line, so that no gap is left between two.
        box = "display:inline-block;height:%dpx;vertical-align:top" % HEIGHT
        words = ["color:" + foreground, "background:" + background, box]
        words += ["font-weight:bold"] if 1 in self.on else []
        words += ["opacity:.7"] if 2 in self.on else []
        words += ["font-style:italic"] if 3 in self.on else []
        words += ["text-decoration:underline"] if 4 in self.on else []
        return ";".join(words)


def columns(line):
    return len(re.sub(r"\x1b\[[0-9;:]*m", "", line))


def page(screen):
    pen = Pen()
    lines = []
    backgrounds = collections.Counter()
    for line in screen.split("\n"):
        parts = []
        # Every second part is what stands between `\x1b[` and `m`.
        for number, part in enumerate(re.split(r"\x1b\[([0-9;:]*)m", line)):
            if number % 2:
                pen.take(part)
            elif part:
                backgrounds[pen.background or BACKGROUND] += len(part)
                parts.append('<span style="%s">%s</span>' % (pen.style(), html.escape(part)))
        lines.append("".join(parts))
    # The frame is of the color that there is most of.
    frame = backgrounds.most_common(1)[0][0]
    style = "margin:0;padding:10px;background:%s;color:%s;font:14px/%dpx 'DejaVu Sans Mono',monospace" % (
        frame,
        FOREGROUND,
        HEIGHT,
    )
    content = '<!doctype html><meta charset="utf-8"><body style="margin:0"><pre style="%s">%s</pre>'
    return content % (style, "\n".join(lines))


def main(source, picture):
    screen = pathlib.Path(source).read_text().rstrip("\n")
    lines = screen.split("\n")
    size = "%d,%d" % (20 + WIDTH * max(map(columns, lines)), 20 + HEIGHT * len(lines))
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        sys.exit("there is no Chromium: `apt install chromium`")
    with tempfile.TemporaryDirectory() as folder:
        written = pathlib.Path(folder, "screen.html")
        written.write_text(page(screen))
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--user-data-dir=" + folder]
        command = [browser, *flags, "--window-size=" + size, "--screenshot=" + str(pathlib.Path(picture).resolve())]
        subprocess.run([*command, written.as_uri()], check=True, capture_output=True, timeout=60)


main(*sys.argv[1:])
