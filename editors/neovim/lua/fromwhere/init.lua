--- Starts the fromwhere language server and does what only the editor can do.
local M = {}

local NAME = 'fromwhere'

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

local function has_builtin_configuration()
  return vim.fn.has('nvim-0.11') == 1
end

--- Starts the server for `buffer`, without `vim.lsp.enable`.
---@param buffer integer
local function start(buffer)
  local config = configuration()
  vim.lsp.start({
    name = NAME,
    cmd = config.cmd,
    settings = config.settings,
    capabilities = config.capabilities,
    commands = config.commands,
    root_dir = vim.fs.root(buffer, config.root_markers),
  }, { bufnr = buffer })
end

--- Serves every Python buffer from now on, and those that are open.
function M.enable()
  if has_builtin_configuration() then
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
  if has_builtin_configuration() then
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

---@param client vim.lsp.Client
---@param force boolean
local function stop(client, force)
  if has_builtin_configuration() then
    client:stop(force)
  else
    client.stop(force) -- Neovim 0.10's clients are tables of closures.
  end
end

local subcommands = {}

--- Stops every client of ours, then starts each again for its buffers.
function subcommands.restart()
  local stopped = {}
  for _, client in ipairs(vim.lsp.get_clients({ name = NAME })) do
    stopped[#stopped + 1] = { client = client, buffers = vim.tbl_keys(client.attached_buffers) }
    stop(client, false)
  end
  local function gone()
    return vim.iter(stopped):all(function(entry)
      return vim.lsp.get_client_by_id(entry.client.id) == nil
    end)
  end
  if not vim.wait(2000, gone, 20) then
    for _, entry in ipairs(stopped) do
      stop(entry.client, true)
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

---@return string[]
function M.subcommands()
  local names = vim.tbl_keys(subcommands)
  table.sort(names)
  return names
end

--- `:Fromwhere {subcommand}`
---@param arguments string[]
function M.command(arguments)
  local run = subcommands[arguments[1]]
  if not run then
    local known = table.concat(M.subcommands(), ', ')
    vim.notify(('fromwhere: `%s` is none of: %s'):format(arguments[1], known), vim.log.levels.ERROR)
    return
  end
  run()
end

return M
