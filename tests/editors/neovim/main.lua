--- Neovim end to end: the demo project, the plugin, the real server. Run by `../run`, inside a chroot.
local work = vim.env.WORK
package.path = work .. '/tests/?.lua;' .. package.path
local report = require('report')
local truth = require('truth')
local check, soon, part = report.check, report.soon, report.part

local demo = work .. '/demo'
local books = demo .. '/src/catalogue/books.py'
local accented = demo .. '/src/catalogue/accented.py'
local new_clients = vim.fn.has('nvim-0.11') == 1

local notified = {}
vim.notify = function(message, level)
  notified[#notified + 1] = { message = message, level = level }
end

local function write(path, text)
  vim.fn.mkdir(vim.fs.dirname(path), 'p')
  local file = assert(io.open(path, 'w'))
  file:write(text)
  file:close()
end

--- Makes the environment of a project as Debian's own Python does, and puts the demo's one distribution into it.
local function make_environment(project)
  truth.run({ '/usr/bin/python3', '-m', 'venv', '--system-site-packages', '--without-pip', '.venv' }, project)
  local site_packages = vim.fn.glob(project .. '/.venv/lib/python3*/site-packages')
  truth.run({ 'cp', '-r', work .. '/shelfmark/.', site_packages }, project)
  return site_packages
end

--- Checks that what Neovim shows becomes what the command line says, with no key pressed.
local function agrees(what)
  local expected = truth.expected(demo)
  soon(what .. ': Neovim shows what `fromwhere check` says', function()
    local shown = truth.shown()
    return vim.deep_equal(shown, expected), { shown = shown, expected = expected }
  end)
  return expected
end

local function clients()
  return vim.lsp.get_clients({ name = 'fromwhere' })
end

--- Shows a file, and waits for its client: where a file is read anew, that comes a moment later.
local function edit(path)
  vim.cmd.edit(path)
  vim.wait(30000, function()
    return #vim.lsp.get_clients({ name = 'fromwhere', bufnr = 0 }) > 0
  end, 10)
end

--- How many servers run, seen from outside Neovim.
local function servers()
  return #vim.split(
    vim.system({ 'pgrep', '-x', 'fromwhere' }, { text = true }):wait().stdout,
    '\n',
    { trimempty = true }
  )
end

local function stop(client)
  if new_clients then
    client:stop()
  else
    client.stop()
  end
end

--- Where `import yaml` stands in the current buffer, 1-based line and 0-based byte column of `yaml`.
local function yaml_at()
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find('yaml$')
    if column and line:find('import yaml$') then
      return number, column - 1
    end
  end
  error('there is no `import yaml` here')
end

local function request(method, extra)
  local line, column = yaml_at()
  vim.api.nvim_win_set_cursor(0, { line, column })
  local client = clients()[1]
  local position = vim.lsp.util.make_position_params(0, client.offset_encoding)
  local answers = vim.lsp.buf_request_sync(0, method, vim.tbl_extend('force', position, extra or {}), 5000)
  for _, answer in pairs(answers or {}) do
    if answer.result then
      return answer.result
    end
  end
end

local site_packages = make_environment(demo)
-- Two bytes, four bytes and one UTF-16 pair stand before the import: each encoding counts another column.
write(accented, 'LABEL = "é 𝐱"; import yaml\n\nprint(LABEL, yaml)\n')

vim.o.swapfile = false
vim.opt.runtimepath:prepend(work .. '/plugin')
vim.cmd('runtime! plugin/fromwhere.lua')
vim.cmd('filetype on')
for _, path in ipairs(vim.fn.glob(demo .. '/src/catalogue/*.py', false, true)) do
  vim.cmd.edit(path)
end
edit(books)

part('attach', function()
  soon('one client attaches', function()
    local found = clients()
    return #found == 1 and found[1].initialized, #found
  end)
  local root = clients()[1].config.root_dir
  check(root == demo, "its root is the project's folder", root)
  check(servers() == 1, 'one server runs', servers())
end)

part('diagnostics', function()
  local rows = truth.of_rule(agrees('at first'), 'import-from-os')
  check(#rows >= 2, 'and that has `yaml` of Debian in it', rows)
  local line = vim.iter(rows):find(function(it)
    return vim.startswith(it, accented)
  end)
  check(line and line:find(':1:23-1:27 ', 1, true), 'at code points 23 to 27 after non-ASCII text', rows)
  local diagnostic = vim.diagnostic.get(0)[1]
  check(diagnostic and diagnostic.source == 'fromwhere', 'the source is named', diagnostic)
  local original = diagnostic and vim.tbl_get(diagnostic, 'user_data', 'lsp') or {}
  check(vim.tbl_get(original, 'codeDescription', 'href'), 'and the page of the rule', original)
end)

part('positions', function()
  edit(accented)
  local line, column = yaml_at()
  local diagnostic = vim.diagnostic.get(0)[1] or {}
  check(line == 1 and diagnostic.col == column and diagnostic.end_col == column + 4, 'bytes fit the buffer', diagnostic)
  local hover = request('textDocument/hover')
  check(hover and hover.contents.value:find('yaml', 1, true), 'hover is right there too', hover)
  edit(books)
end)

part('hover', function()
  local hover = request('textDocument/hover')
  local text = hover and hover.contents.value or ''
  check(text:find('python3-yaml', 1, true), 'hover names the Debian package', hover)
  check(text:find('dist-packages/yaml/__init__.py', 1, true), 'and the file', text)
  check(#vim.split(vim.trim(text), '\n') <= 6, 'in at most six lines', text)
end)

part('outside changes', function()
  local before = agrees('before')

  truth.run({ work .. '/tests/pip.sh', 'install' }, demo)
  local rows = agrees('`pip install` of PyYAML')
  check(#truth.of_rule(rows, 'import-from-os') == 0, 'and `yaml` is no longer of Debian', rows)

  truth.run({ work .. '/tests/pip.sh', 'uninstall' }, demo)
  check(vim.deep_equal(agrees('`pip uninstall`'), before), 'and all is as before')

  local settings = demo .. '/.venv/pyvenv.cfg'
  local text = table.concat(vim.fn.readfile(settings), '\n') .. '\n'
  write(settings, (text:gsub('include%-system%-site%-packages = true', 'include-system-site-packages = false')))
  rows = agrees('system packages switched off in pyvenv.cfg')
  check(#truth.of_rule(rows, 'import-found-elsewhere') >= 1, 'and `yaml` is found elsewhere only', rows)
  write(settings, text)
  check(vim.deep_equal(agrees('and on again'), before), 'and all is as before')

  truth.run({ 'rm', '-r', '.venv' }, demo)
  rows = agrees('.venv deleted')
  check(not vim.deep_equal(rows, before), 'and that says something else', rows)

  make_environment(demo)
  check(vim.deep_equal(agrees('.venv created again'), before), 'and all is as before')

  truth.run({ 'ln', '-sfn', '/nowhere/python3', '.venv/bin/python3' }, demo)
  rows = agrees("the environment's Python gone")
  check(#truth.of_rule(rows, 'venv-interpreter-missing') == 2, 'and pyvenv.cfg and the manifest say so', rows)
  truth.run({ 'ln', '-sfn', '/usr/bin/python3', '.venv/bin/python3' }, demo)
  check(vim.deep_equal(agrees('and back'), before), 'and all is as before')
end)

--- Hands settings to the running server, and waits until it has taken them.
local function set(settings)
  local asked = false
  local original = vim.lsp.handlers['workspace/configuration']
  vim.lsp.handlers['workspace/configuration'] = function(...)
    asked = true
    return original(...)
  end
  local client = clients()[1]
  -- An empty table would be a list.
  client.settings = { fromwhere = vim.tbl_extend('force', vim.empty_dict(), settings) }
  local change = { 'workspace/didChangeConfiguration', { settings = client.settings } }
  if new_clients then
    client:notify(unpack(change))
  else
    client.notify(unpack(change))
  end
  vim.wait(30000, function()
    return asked
  end, 10)
  vim.lsp.handlers['workspace/configuration'] = original
  -- What is asked after it is answered after it.
  request('textDocument/hover')
end

part('files that nobody has opened', function()
  local closed = demo .. '/src/catalogue/closed.py'
  local function of_closed(rows)
    return vim.tbl_filter(function(it)
      return vim.startswith(it, closed)
    end, rows)
  end
  write(closed, 'import yaml  # closed\nimport nowhere_at_all\n')
  local before = truth.shown()
  check(#of_closed(truth.expected(demo)) >= 1, '`fromwhere check` has something to say about one')
  check(#of_closed(before) == 0, 'and Neovim does not show it')
  set({ diagnostics = 'workspace' })
  agrees('where the whole workspace is asked for')
  write(closed, 'import os\n\nimport yaml\n')
  local rows = agrees('written to by another program')
  check(#of_closed(rows) >= 1 and of_closed(rows)[1]:find(':3:8-3:12 ', 1, true), 'where it stands now', rows)
  vim.fn.rename(closed, demo .. '/src/catalogue/renamed.py')
  rows = agrees('renamed')
  check(#of_closed(rows) == 0, 'and the old name has none', rows)
  vim.fn.delete(demo .. '/src/catalogue/renamed.py')
  agrees('deleted')
  set({})
  soon('and all is as before', function()
    return vim.deep_equal(truth.shown(), before), truth.shown()
  end)
end)

part('where nothing is watched', function()
  local before = truth.shown()
  set({ watch = 'off' })
  -- Other settings are a reason to look once more, and nothing tells when that has ended.
  vim.wait(2000)
  vim.fn.mkdir(site_packages .. '/yaml', 'p')
  write(site_packages .. '/yaml/__init__.py', '')
  vim.wait(700)
  check(vim.deep_equal(truth.shown(), before), 'an installation goes unseen', truth.shown())
  vim.cmd('Fromwhere check')
  local rows = agrees(':Fromwhere check')
  check(#truth.of_rule(rows, 'import-from-os') == 0, 'and it is seen', rows)
  vim.fn.delete(site_packages .. '/yaml', 'rf')
  set({})
  check(vim.deep_equal(agrees('watched again'), before), 'and all is as before')
end)

--- Applies the fix whose title starts with `title`, of those at the `import yaml` of the current buffer.
local function apply_fix(title)
  vim.api.nvim_win_set_cursor(0, { yaml_at() })
  vim.lsp.buf.code_action({
    filter = function(action)
      return action.edit ~= nil and vim.startswith(action.title, title)
    end,
    apply = true,
  })
end

part('quick fixes', function()
  edit(accented)
  apply_fix('Ignore import-from-os on this line')
  soon('a quick fix that is an edit applies', function()
    local line = vim.api.nvim_buf_get_lines(0, 0, 1, false)[1]
    return line:find('# fromwhere: ignore', 1, true), line
  end)
  soon('its diagnostic goes away before the file is saved', function()
    local left = vim.diagnostic.get(0)
    return #left == 0, left
  end)
  vim.cmd.write()
  agrees('after that fix')

  edit(books)
  local line = yaml_at()
  local diagnostics = vim.tbl_map(function(it)
    return it.user_data.lsp
  end, vim.diagnostic.get(0, { lnum = line - 1 }))
  local actions = request('textDocument/codeAction', {
    range = diagnostics[1] and diagnostics[1].range,
    context = { diagnostics = diagnostics },
  }) or {}
  local commands = vim.tbl_filter(function(it)
    return type(it.command) == 'table' and it.command.command == 'fromwhere.runInTerminal'
  end, actions)
  check(#commands >= 1, 'a command line is offered for the terminal', actions)

  local manifest = demo .. '/pyproject.toml'
  local saved = table.concat(vim.fn.readfile(manifest), '\n') .. '\n'
  apply_fix('Allow')
  soon('a quick fix that edits another file applies', function()
    return vim.fn.bufnr(manifest) ~= -1 and vim.bo[vim.fn.bufnr(manifest)].modified, actions
  end)
  soon('which is served from then on', function()
    return #vim.lsp.get_clients({ name = 'fromwhere', bufnr = vim.fn.bufnr(manifest) }) == 1
  end)
  vim.cmd.wall()
  soon('its diagnostic goes away', function()
    local left = truth.of_rule(truth.shown(), 'import-from-os')
    return #left == 0, left
  end)
  agrees('after the other fix')

  -- Both go into one file, the second behind what the first has written.
  vim.cmd.edit(manifest)
  vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(saved, '\n', { trimempty = true }))
  vim.cmd('silent write')
  agrees('as before')
  edit(books)
  apply_fix('Add')
  soon('a dependency is declared', function()
    return table.concat(vim.api.nvim_buf_get_lines(vim.fn.bufnr(manifest), 0, -1, false), '\n'):find('"PyYAML', 1, true)
  end)
  apply_fix('Allow')
  soon('two quick fixes in a row, nothing saved between them, leave a manifest with both', function()
    local both = table.concat(vim.api.nvim_buf_get_lines(vim.fn.bufnr(manifest), 0, -1, false), '\n')
    return both:find('dependencies = %[\n    "shelfmark>=1.0",\n    "PyYAML[^"\n]*",\n%]') and both:find(
      '\n%[tool%.fromwhere%]\nallow = %["[%w-]+"%]'
    ),
      both
  end)
  vim.cmd.wall()
  agrees('after both')
end)

part('the files of a project', function()
  local file = demo .. '/Dockerfile'
  vim.cmd.edit(file)
  vim.api.nvim_buf_set_lines(0, 0, -1, false, { 'FROM debian:13', 'RUN pip install requests' })
  soon('a Dockerfile is checked as it is typed', function()
    local found = vim.diagnostic.get(0)
    return #found == 1 and found[1].code == 'pip-externally-managed' and found[1].lnum == 1, found
  end)
  vim.cmd('silent write')
  agrees('saved')
  vim.fn.delete(file)
  vim.cmd('bwipeout!')
  agrees('and gone again')
  vim.cmd.edit(demo .. '/pyproject.toml')
  soon('a manifest is served', function()
    return #vim.lsp.get_clients({ name = 'fromwhere', bufnr = 0 }) == 1, vim.bo.filetype
  end)
  for _, name in ipairs({ demo .. '/other.toml', work .. '/elsewhere/Dockerfile' }) do
    write(name, '')
    vim.cmd.edit(name)
    vim.wait(300)
    check(#vim.lsp.get_clients({ name = 'fromwhere', bufnr = 0 }) == 0, name .. ' is none of a project')
    vim.cmd('bwipeout!')
    vim.fn.delete(name)
  end
  edit(books)
end)

part('the terminal', function()
  local client = clients()[1]
  local mark = work .. '/picked'
  client.commands['fromwhere.runInTerminal'](
    { title = '', command = 'fromwhere.runInTerminal', arguments = { 'echo picked >' .. mark } },
    { client_id = client.id, bufnr = 0 }
  )
  soon('a picked command line runs in a terminal', function()
    return vim.fn.filereadable(mark) == 1 and vim.bo.buftype == 'terminal', vim.bo.buftype
  end)
  vim.cmd('bwipeout!')
end)

local around = {
  demo = demo,
  books = books,
  site_packages = site_packages,
  edit = edit,
  write = write,
  agrees = agrees,
  clients = clients,
  yaml_at = yaml_at,
}
require('documents')(around)
make_environment(work .. '/untouched')
require('options')(work, work .. '/untouched/src/catalogue/books.py')
require('environment')(around)

part('the command', function()
  edit(books)
  check(vim.deep_equal(vim.fn.getcompletion('Fromwhere re', 'cmdline'), { 'restart' }), ':Fromwhere completes')
  check(
    vim.deep_equal(vim.fn.getcompletion('Fromwhere ', 'cmdline'), { 'check', 'explain', 'log', 'restart', 'roots' }),
    'with all that it can do',
    vim.fn.getcompletion('Fromwhere ', 'cmdline')
  )
  check(
    vim.deep_equal(vim.fn.getcompletion('Fromwhere explain ya', 'cmdline'), { 'yaml' }),
    'and the imports of the file'
  )
  vim.cmd('Fromwhere log')
  check(vim.endswith(vim.api.nvim_buf_get_name(0), 'lsp.log'), ':Fromwhere log opens the log')
  check(vim.fn.search('Started by Neovim') > 0, 'which has what the server wrote', vim.api.nvim_buf_get_name(0))
  vim.cmd('Fromwhere roots')
  local last = notified[#notified] or {}
  check(last.message == 'fromwhere: no server serves this buffer', 'where no server is, it says so', last)
  vim.cmd('bwipeout!')
  vim.cmd('Fromwhere nonsense')
  last = table.remove(notified)
  check(
    last.message == 'fromwhere: `nonsense` is none of: check, explain, log, restart, roots',
    'and what there is where a word is none of it',
    last
  )
  edit(books)
  local old = clients()[1].id
  vim.cmd('Fromwhere restart')
  soon(':Fromwhere restart starts another client', function()
    local found = clients()
    return #found == 1 and found[1].id ~= old and found[1].initialized, #found
  end)
  soon('and one server runs', function()
    return servers() == 1, servers()
  end)
  agrees('after the restart')
end)

part('health and help', function()
  soon('the new server tells its environment', function()
    return require('fromwhere').statusline({ always = true }) ~= '', clients()
  end)
  vim.cmd('checkhealth fromwhere')
  local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
  check(text:find('fromwhere %d+%.%d+'), ':checkhealth shows the version', text)
  check(text:find(demo, 1, true) and not text:find('ERROR', 1, true), 'and the server, and no error', text)
  check(text:find('.venv · Python', 1, true), 'and the environment', text)
  vim.cmd('bwipeout!')
  vim.cmd('helptags ' .. work .. '/plugin/doc')
  vim.cmd('help :Fromwhere')
  check(vim.endswith(vim.api.nvim_buf_get_name(0), 'fromwhere.txt'), ':help :Fromwhere')
  vim.cmd('bwipeout!')
end)

part('the end', function()
  for _, client in ipairs(clients()) do
    stop(client)
  end
  soon('the server ends with its client', function()
    return servers() == 0, servers()
  end)
  for _, ending in ipairs({ 'qa!', 'lua (vim.uv or vim.loop).kill(vim.fn.getpid(), 9)' }) do
    local log = {}
    local child = vim.system({
      vim.v.progpath,
      '--clean',
      '--headless',
      '--cmd',
      'set noswapfile rtp^=' .. work .. '/plugin',
      '-c',
      'lua vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 or vim.lsp.get_clients()[1] end)',
      '-c',
      'lua vim.wait(20000, function() return (vim.lsp.get_clients()[1] or {}).initialized end)',
      '-c',
      'call writefile([len(v:lua.vim.lsp.get_clients())], "' .. work .. '/attached")',
      '-c',
      ending,
      books,
    }, {
      stderr = function(_, data)
        log[#log + 1] = data
      end,
    })
    child:wait(60000)
    local attached = vim.fn.readfile(work .. '/attached')[1]
    check(attached == '1', ('another Neovim attached, ended by `%s`'):format(ending), { attached, log })
    os.remove(work .. '/attached')
    soon('its server is gone', function()
      return servers() == 0, vim.fn.system({ 'ps', '-eo', 'pid,ppid,stat,etimes,args' })
    end)
  end
end)

local errors = vim.tbl_filter(function(it)
  return (it.level or 0) >= vim.log.levels.ERROR
end, notified)
check(#errors == 0, 'no error was notified', errors)
local logged = report.complaints(require('vim.lsp.log').get_filename())
check(#logged == 0, 'and none is in the log', logged)
report.finish()
