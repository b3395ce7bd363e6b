"""What Neovim looks like, in a terminal. Run by `run` after the tests, inside a chroot."""

import os

from demo import demo, restore, work
from screen import Screen, finish

restore()

configuration = work / "picture.lua"
configuration.write_text(
    """
vim.opt.runtimepath:prepend(vim.env.WORK .. '/plugin')
vim.o.swapfile, vim.o.number, vim.o.termguicolors, vim.o.laststatus = false, true, true, 2
vim.diagnostic.config({ virtual_lines = true, signs = false })
function _G.environment()
  return require('fromwhere').statusline({ always = true })
end
vim.o.statusline = ' %t %= %{v:lua.environment()} '
"""
)
names = ["HOME", "PATH", "WORK", "LANG", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"]
environment = {name: os.environ[name] for name in names}
environment |= {"TERM": "tmux-256color", "COLORTERM": "truecolor"}
command = "cd %s && exec nvim --clean -u %s src/catalogue/books.py" % (demo, configuration)
screen = Screen(command, environment, width=100, height=18)
screen.shows(r"`yaml` comes from Debian \(python3-yaml\), not from \.venv", "the diagnostic is below its line")
screen.shows(r"\.venv · Python 3\.\d+ · 1 package", "the status line tells the environment")
screen.keep(work / "kept/diagnostic.ansi", 18)
screen.go_to_line(8, 11)
screen.type("K")
screen.shows(r"PyYAML .*python3-yaml", "hover tells the Debian package")
screen.keep(work / "kept/hover.ansi", 18)
screen.command("qa!")
finish()
