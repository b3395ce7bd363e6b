--- `:checkhealth fromwhere`
local M = {}

local function check_neovim()
  local version = tostring(vim.version())
  if vim.fn.has('nvim-0.11') == 1 then
    vim.health.ok(('Neovim %s, by `vim.lsp.enable`'):format(version))
  elseif vim.fn.has('nvim-0.10') == 1 then
    vim.health.ok(('Neovim %s, by `vim.lsp.start`'):format(version))
  else
    vim.health.error(('Neovim %s is too old: 0.10 or newer is needed'):format(version))
  end
end

---@return boolean whether the server can be started
local function check_server()
  local cmd = (vim.g.fromwhere or {}).cmd or { 'fromwhere', 'server' }
  if vim.fn.executable(cmd[1]) ~= 1 then
    vim.health.error(('`%s` is not an executable on PATH'):format(cmd[1]), {
      'build it: cargo install --path . (in a clone of fromwhere)',
      "or name it: vim.g.fromwhere = { cmd = { '/path/to/fromwhere', 'server' } }",
    })
    return false
  end
  local answer = vim.system({ cmd[1], '--version' }, { text = true, timeout = 5000 }):wait()
  if answer.code ~= 0 then
    vim.health.error(('`%s --version` failed: %s'):format(cmd[1], vim.trim(answer.stderr or '')))
    return false
  end
  vim.health.ok(('%s (%s)'):format(vim.trim(answer.stdout or ''), vim.fn.exepath(cmd[1])))
  return true
end

local function show_clients()
  local clients = vim.lsp.get_clients({ name = 'fromwhere' })
  if #clients == 0 then
    vim.health.info('no server is running: open a Python file')
  end
  for _, client in ipairs(clients) do
    local root = client.config.root_dir or 'none'
    vim.health.info(('server %d: root %s, positions in %s'):format(client.id, root, client.offset_encoding))
    for _, environment in ipairs(require('fromwhere.status').of_client(client.id)) do
      local is_doubtful = type(environment.warning) == 'string'
      local say = environment.state == 'resolved' and not is_doubtful and vim.health.ok or vim.health.warn
      say(('%s: %s'):format(environment.root, environment.summary))
      if is_doubtful then
        vim.health.warn(environment.warning)
      end
    end
  end
end

--- Two configurations of one name would start one server and leave the reader wondering which.
local function check_conflicts()
  if vim.fn.has('nvim-0.11') == 1 then
    local files = vim.api.nvim_get_runtime_file('lsp/fromwhere.lua', true)
    if #files > 1 then
      vim.health.warn('more than one lsp/fromwhere.lua is on the runtime path: ' .. table.concat(files, ', '))
    end
  end
end

function M.check()
  vim.health.start('fromwhere')
  check_neovim()
  check_conflicts()
  if check_server() then
    show_clients()
  end
end

return M
