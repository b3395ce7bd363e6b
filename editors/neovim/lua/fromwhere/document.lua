--- The documents that the server writes, each in a window of its own: import roots, and where one import comes from.
local client_of = require('fromwhere.client')

local M = {}

---@class fromwhere.Question
---@field command string The server's command.
---@field argument table Its argument, without `show`.

--- What each open document was asked with, by its buffer.
---@type table<integer, { client_id: integer, question: fromwhere.Question }>
local open = {}

---@param buffer integer
---@param text string
local function fill(buffer, text)
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(text, '\n', { trimempty = true }))
  vim.bo[buffer].modifiable = false
end

--- Asks again a moment after anything may have changed, once for all that changes together.
local is_waiting = false
local function refresh_soon()
  if is_waiting or vim.tbl_isempty(open) then
    return
  end
  is_waiting = true
  vim.defer_fn(function()
    is_waiting = false
    for _, client in ipairs(vim.lsp.get_clients({ name = client_of.NAME })) do
      M.refresh(client.id)
    end
  end, 50)
end

vim.api.nvim_create_autocmd({ 'DiagnosticChanged', 'BufWritePost', 'FocusGained' }, {
  group = vim.api.nvim_create_augroup('fromwhere-documents', { clear = true }),
  callback = refresh_soon,
})

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
    vim.api.nvim_create_autocmd('BufEnter', { buffer = buffer, callback = refresh_soon })
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

---@param client vim.lsp.Client
---@param question fromwhere.Question
---@param answered fun(text: string)
local function ask(client, question, answered)
  local argument = vim.tbl_extend('force', question.argument, { show = false })
  local params = { command = question.command, arguments = { argument } }
  client_of.request(client, 'workspace/executeCommand', params, function(problem, text)
    if problem then
      vim.notify('fromwhere: ' .. problem.message, vim.log.levels.WARN)
    elseif type(text) == 'string' then
      answered(text)
    end
  end)
end

--- Asks the server, and shows what it answers.
---@param client vim.lsp.Client
---@param title string
---@param question fromwhere.Question
function M.show(client, title, question)
  ask(client, question, function(text)
    local buffer = window_for(title)
    fill(buffer, text)
    open[buffer] = { client_id = client.id, question = question }
  end)
end

--- Asks again for every document that is open: what they say may have changed.
---@param client_id integer
function M.refresh(client_id)
  local client = vim.lsp.get_client_by_id(client_id)
  for buffer, entry in pairs(client and open or {}) do
    if entry.client_id == client_id then
      ask(client, entry.question, function(text)
        if vim.api.nvim_buf_is_valid(buffer) then
          fill(buffer, text)
        end
      end)
    end
  end
end

return M
