--- The documents that the server writes, each in a window of its own: import roots, and where one import comes from.
---
--- The server names a document by a URI of its own scheme, tells its text when it is asked, and tells when that has changed.
local client_of = require('fromwhere.client')

local M = {}

local SCHEME = 'fromwhere-env:'

--- What each buffer shows.
---@type table<integer, { client_id: integer, root?: string, uri: string }>
local open = {}

---@param buffer integer
---@param text string
local function fill(buffer, text)
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(text, '\n', { trimempty = true }))
  vim.bo[buffer].modifiable = false
end

--- A buffer that no file stands for, shown below.
---@param title string
---@return integer
local function window_for(title)
  local name = 'fromwhere://' .. title
  local buffer = vim.fn.bufnr('^' .. vim.fn.escape(name, '[]*?{}.') .. '$')
  if buffer == -1 then
    buffer = vim.api.nvim_create_buf(false, true)
    vim.api.nvim_buf_set_name(buffer, name)
    vim.bo[buffer].bufhidden = 'wipe'
    vim.bo[buffer].filetype = 'markdown'
    vim.api.nvim_create_autocmd('BufWipeout', {
      buffer = buffer,
      callback = function()
        open[buffer] = nil
      end,
    })
  end
  local window = vim.fn.bufwinid(buffer)
  if window == -1 then
    vim.cmd('botright split')
    vim.api.nvim_win_set_buf(0, buffer)
    vim.wo[0].wrap = false
  else
    vim.api.nvim_set_current_win(window)
  end
  return buffer
end

---@param problem? table
local function say(problem)
  if problem then
    vim.notify('fromwhere: ' .. problem.message, vim.log.levels.WARN)
  end
end

--- Asks for the text of a document, and writes it into its buffer if that still shows it.
---@param client vim.lsp.Client
---@param buffer integer
local function read(client, buffer)
  local uri = open[buffer].uri
  client_of.request(client, 'workspace/textDocumentContent', { uri = uri }, function(problem, content)
    say(problem)
    if content and open[buffer] and open[buffer].uri == uri then
      fill(buffer, content.text)
    end
  end)
end

--- Has the server show a document: it answers with `window/showDocument`.
---@param client vim.lsp.Client
---@param command string
---@param argument table
function M.ask(client, command, argument)
  client_of.request(client, 'workspace/executeCommand', { command = command, arguments = { argument } }, say)
end

--- `window/showDocument`: a document of ours, or else what Neovim shows by itself.
---@param params { uri: string }
---@param context { client_id: integer }
function M.shown(problem, params, context, config)
  if not vim.startswith(params.uri, SCHEME) then
    return vim.lsp.handlers['window/showDocument'](problem, params, context, config)
  end
  local client = assert(vim.lsp.get_client_by_id(context.client_id))
  local buffer = window_for(vim.startswith(params.uri, SCHEME .. '/roots.md') and 'roots' or 'explain')
  open[buffer] = { client_id = client.id, root = client.config.root_dir, uri = params.uri }
  read(client, buffer)
  return { success = true }
end

--- `workspace/textDocumentContent/refresh`: a document says something else by now.
---@param params { uri: string }
---@param context { client_id: integer }
function M.changed(_, params, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  for buffer, entry in pairs(client and open or {}) do
    if entry.client_id == context.client_id and entry.uri == params.uri then
      read(client, buffer)
    end
  end
  return vim.NIL
end

--- A client has started: it takes over the documents of one that has ended for the same root.
---@param client vim.lsp.Client
function M.started(client)
  for buffer, entry in pairs(open) do
    if not vim.lsp.get_client_by_id(entry.client_id) and entry.root == client.config.root_dir then
      entry.client_id = client.id
      read(client, buffer)
    end
  end
end

return M
