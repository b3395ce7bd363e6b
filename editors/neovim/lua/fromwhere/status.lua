--- What the server says about environments, kept for the status line and `:checkhealth`.
local client_of = require('fromwhere.client')

local M = {}

---@class fromwhere.Environment
---@field root string The project's folder, or a file that names the Python that runs it.
---@field state 'resolved'|'broken'|'missing'
---@field summary string
---@field warning? string What is wrong with it, where it runs all the same.

--- By client, then by root.
---@type table<integer, table<string, fromwhere.Environment>>
local environments = {}

--- `fromwhere/environment`: always the whole state of one root.
---@param environment fromwhere.Environment
---@param client_id integer
function M.told(environment, client_id)
  environments[client_id] = environments[client_id] or {}
  environments[client_id][environment.root] = environment
  vim.api.nvim_exec_autocmds('User', { pattern = 'FromwhereStatus', modeline = false, data = environment })
  vim.cmd.redrawstatus({ bang = true })
end

---@param client_id integer
function M.forget(client_id)
  environments[client_id] = nil
end

---@param client_id integer
---@return fromwhere.Environment[]
function M.of_client(client_id)
  return vim.tbl_values(environments[client_id] or {})
end

--- The environment of a buffer's file: that of the file itself, or else of the deepest project around it.
---@param buffer integer
---@return fromwhere.Environment?
function M.of_buffer(buffer)
  local path = client_of.path_of(vim.api.nvim_buf_get_name(buffer))
  local found, longest = nil, 0
  for _, client in ipairs(vim.lsp.get_clients({ name = 'fromwhere', bufnr = buffer })) do
    for _, environment in ipairs(M.of_client(client.id)) do
      local root = client_of.path_of(environment.root)
      local is_around = path == root or root == '/' or vim.startswith(path, root .. '/')
      if is_around and (not found or #root > longest) then
        found, longest = environment, #root
      end
    end
  end
  return found
end

return M
