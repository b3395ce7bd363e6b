--- Starts the fromwhere language server and does what only the editor can do.
local client_of = require('fromwhere.client')

local M = {}

local NAME = client_of.NAME

---@class fromwhere.Options
---@field cmd? string[] The server's command line; `{ 'fromwhere', 'server' }` if nil.
---@field settings? table What the server reads as its section `fromwhere`.

--- What the user set in `vim.g.fromwhere`, in the shape of a client configuration.
---@return table
local function overrides()
  local options = vim.g.fromwhere or {} ---@type fromwhere.Options
  return {
    cmd = options.cmd,
    settings = options.settings and { fromwhere = options.settings } or nil,
  }
end

--- The client configuration as Neovim 0.10 needs it: the file that newer ones read, with the user's wishes.
---@return table
local function configuration()
  local path = vim.api.nvim_get_runtime_file('lsp/fromwhere.lua', false)[1]
  return vim.tbl_deep_extend('force', dofile(path), overrides())
end

--- Starts the server for `buffer`, without `vim.lsp.enable`.
---@param buffer integer
local function start(buffer)
  if not client_of.serves(buffer) then
    return
  end
  local config = configuration()
  vim.lsp.start({
    name = NAME,
    cmd = config.cmd,
    settings = config.settings,
    capabilities = config.capabilities,
    flags = config.flags,
    commands = config.commands,
    handlers = config.handlers,
    on_init = config.on_init,
    on_exit = config.on_exit,
    root_dir = vim.fs.root(buffer, config.root_markers),
  }, { bufnr = buffer })
end

--- Serves Python, pyvenv.cfg and the files of Python projects from now on, and those that are open.
function M.enable()
  if client_of.is_new() then
    vim.lsp.config(NAME, overrides())
    vim.lsp.enable(NAME)
    return
  end
  local filetypes = configuration().filetypes
  vim.api.nvim_create_autocmd('FileType', {
    group = vim.api.nvim_create_augroup('fromwhere', { clear = true }),
    pattern = filetypes,
    callback = function(event)
      start(event.buf)
    end,
  })
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and vim.list_contains(filetypes, vim.bo[buffer].filetype) then
      start(buffer)
    end
  end
end

--- For those who are used to it: the same as setting `vim.g.fromwhere` before the plugin loads.
---@param options? fromwhere.Options
function M.setup(options)
  vim.g.fromwhere = vim.tbl_deep_extend('force', vim.g.fromwhere or {}, options or {})
  if client_of.is_new() then
    vim.lsp.config(NAME, overrides())
  end
end

--- Runs the command line of a quick fix in a terminal below, where its output stays to be read.
--- Its first argument is the command line itself or a table `{ command, cwd }`.
---@param command { arguments?: any[] }
---@param context { client_id?: integer }
function M.run_in_terminal(command, context)
  local first = (command.arguments or {})[1]
  local line = type(first) == 'table' and first.command or first
  if type(line) ~= 'string' or line == '' then
    vim.notify('fromwhere: this fix has no command line', vim.log.levels.ERROR)
    return
  end
  local client = context and context.client_id and vim.lsp.get_client_by_id(context.client_id)
  local directory = type(first) == 'table' and first.cwd or (client and client.config.root_dir)
  vim.cmd('botright new')
  if vim.fn.has('nvim-0.11') == 1 then
    vim.fn.jobstart(line, { term = true, cwd = directory })
  else
    vim.fn.termopen(line, { cwd = directory })
  end
end

--- The client of the current buffer; where there is none, that is said.
---@return vim.lsp.Client?
local function current_client()
  local client = client_of.of(0)
  if not client then
    vim.notify('fromwhere: no server serves this buffer', vim.log.levels.WARN)
  end
  return client
end

--- Shows every import root in order, why it is there, and what the file takes from it.
function M.roots()
  local client = current_client()
  if client then
    require('fromwhere.document').ask(client, 'fromwhere.server.roots', { uri = vim.uri_from_bufnr(0) })
  end
end

--- Explains where a module comes from; without a name, the one that is imported at the cursor.
---@param module? string
function M.explain(module)
  local client = current_client()
  if not client then
    return
  end
  local argument = { uri = vim.uri_from_bufnr(0), module = module }
  if not module then
    argument.position = vim.lsp.util.make_position_params(0, client.offset_encoding).position
  end
  require('fromwhere.document').ask(client, 'fromwhere.server.explain', argument)
end

--- A component for the status line: empty while all is well, else what is wrong with the environment.
---@param options? { always?: boolean, buffer?: integer } `always`: the environment also where nothing is wrong.
---@return string
function M.statusline(options)
  options = options or {}
  local environment = require('fromwhere.status').of_buffer(options.buffer or vim.api.nvim_get_current_buf())
  if not environment then
    return ''
  end
  if environment.state ~= 'resolved' then
    return environment.summary
  end
  -- JSON's null is no string.
  if type(environment.warning) == 'string' then
    return environment.warning
  end
  return options.always and environment.summary or ''
end

--- Has the server read everything again, on disks that tell nothing of a change.
function M.check()
  local client = current_client()
  if client then
    local params = { command = 'fromwhere.server.checkAgain', arguments = {} }
    client_of.request(client, 'workspace/executeCommand', params, function(problem)
      if problem then
        vim.notify('fromwhere: ' .. problem.message, vim.log.levels.WARN)
      end
    end)
  end
end

local subcommands = {}

function subcommands.check()
  M.check()
end

function subcommands.roots()
  M.roots()
end

---@param arguments string[]
function subcommands.explain(arguments)
  M.explain(arguments[1])
end

--- Stops every client of ours, then starts each again for its buffers.
function subcommands.restart()
  local stopped = {}
  for _, client in ipairs(vim.lsp.get_clients({ name = NAME })) do
    stopped[#stopped + 1] = { client = client, buffers = vim.tbl_keys(client.attached_buffers) }
    client_of.stop(client, false)
  end
  local function gone()
    return vim.iter(stopped):all(function(entry)
      return vim.lsp.get_client_by_id(entry.client.id) == nil
    end)
  end
  if not vim.wait(2000, gone, 20) then
    for _, entry in ipairs(stopped) do
      client_of.stop(entry.client, true)
    end
    vim.wait(1000, gone, 20)
  end
  for _, entry in ipairs(stopped) do
    for _, buffer in ipairs(entry.buffers) do
      if vim.api.nvim_buf_is_loaded(buffer) then
        vim.lsp.start(entry.client.config, { bufnr = buffer })
      end
    end
  end
end

--- Opens the log that Neovim keeps for all language servers; what ours says on stderr is in it.
function subcommands.log()
  vim.cmd.tabnew(vim.fn.fnameescape(require('vim.lsp.log').get_filename()))
end

--- The modules that the current buffer imports, as far as a line tells.
---@return string[]
local function imported_modules()
  local modules = {}
  for _, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local module = line:match('^%s*import%s+([%w_.]+)') or line:match('^%s*from%s+([%w_][%w_.]*)%s+import')
    if module and not vim.list_contains(modules, module) then
      modules[#modules + 1] = module
    end
  end
  table.sort(modules)
  return modules
end

--- What can stand next on the command line `:Fromwhere ...`.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local words = vim.split(vim.trim(line), '%s+')
  local at_first = #words < 2 or (#words == 2 and lead ~= '')
  local choices = {}
  if at_first then
    choices = vim.tbl_keys(subcommands)
  elseif words[2] == 'explain' then
    choices = imported_modules()
  end
  table.sort(choices)
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, choices)
end

--- `:Fromwhere {subcommand}`
---@param arguments string[]
function M.command(arguments)
  local run = subcommands[arguments[1]]
  if not run then
    local known = table.concat(M.complete('', ''), ', ')
    vim.notify(('fromwhere: `%s` is none of: %s'):format(arguments[1], known), vim.log.levels.ERROR)
    return
  end
  run(vim.list_slice(arguments, 2))
end

return M
