--- What differs between the clients of Neovim 0.10 and of newer ones.
local M = {}

M.NAME = 'fromwhere'

--- Whether `vim.lsp.config` and `vim.lsp.enable` are there, and clients have methods.
---@return boolean
function M.is_new()
  return vim.fn.has('nvim-0.11') == 1
end

--- Whether a buffer is Python, or tells Python about an environment.
---@param buffer integer
---@return boolean
function M.serves(buffer)
  return vim.bo[buffer].filetype == 'python' or vim.fs.basename(vim.api.nvim_buf_get_name(buffer)) == 'pyvenv.cfg'
end

--- The client that serves a buffer.
---@param buffer integer
---@return vim.lsp.Client?
function M.of(buffer)
  return vim.lsp.get_clients({ name = M.NAME, bufnr = buffer })[1]
end

---@param client vim.lsp.Client
---@param force boolean
function M.stop(client, force)
  if M.is_new() then
    client:stop(force)
  else
    client.stop(force) -- Neovim 0.10's clients are tables of closures.
  end
end

---@param client vim.lsp.Client
---@param method string
---@param params table
---@param answered fun(problem?: table, result: any)
function M.request(client, method, params, answered)
  if M.is_new() then
    client:request(method, params, answered)
  else
    client.request(method, params, answered)
  end
end

return M
