"""What Emacs looks like, in a terminal. Run by `run` after the tests, inside a chroot."""

import os

from demo import demo, restore, work
from screen import Screen, finish

restore()

# What eglot asks to find the project; the demo has no version control here.
configuration = work / "picture.el"
configuration.write_text(
    '(load "%s/fromwhere.el" nil t)\n'
    "(menu-bar-mode -1)\n"
    "(setq inhibit-startup-screen t flymake-show-diagnostics-at-end-of-line t eldoc-echo-area-use-multiline-p 6)\n"
    '(setq project-find-functions (list (lambda (_) (cons \'transient "%s"))))\n'
    "(add-hook 'python-base-mode-hook #'eglot-ensure)\n" % (work / "plugin", demo)
)
environment = {name: os.environ[name] for name in ["HOME", "PATH", "LANG"]}
environment |= {"TERM": "tmux-256color", "COLORTERM": "truecolor"}
command = "cd %s && exec emacs -nw -Q -l %s src/catalogue/books.py" % (demo, configuration)
screen = Screen(command, environment, width=100, height=24)
screen.shows(r"`yaml` comes from Debian \(python3-yaml\), not from \.venv", "the diagnostic stands behind its line")
screen.keys("M-g", "g")
screen.type("8")
screen.keys("Enter")
screen.keys("M-m", "M-f", "C-f", "C-f")
screen.shows(r"yaml.* · PyYAML .*python3-yaml", "the echo area tells the Debian package")
screen.keep(work / "kept/diagnostic.ansi", 24)
screen.keys("C-x", "C-c")
finish()
