--- What `fromwhere check --output-format json` says and what Neovim shows, in one shape, to be compared.
local M = {}

local SEVERITY = { 'error', 'warning', 'information', 'hint' }

---@param arguments string[]
---@param directory string
---@return string
function M.run(arguments, directory)
  local result = vim.system(arguments, { text = true, cwd = directory }):wait(20000)
  if result.code > 1 then
    error(('`%s` failed: %s'):format(table.concat(arguments, ' '), result.stderr))
  end
  return result.stdout
end

--- Counts the code points before byte `column` of `line`; Neovim counts bytes from 0, the command line code points from 1.
---@param line string
---@param column integer
local function character(line, column)
  return vim.fn.strchars(line:sub(1, column)) + 1
end

---@param path string
---@return string[]
local function lines_of(path)
  local buffer = vim.fn.bufnr(path)
  if buffer ~= -1 and vim.api.nvim_buf_is_loaded(buffer) then
    return vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  end
  -- What was said of a file may still be shown for a moment after the file is gone; who compares, looks again.
  return vim.fn.filereadable(path) == 1 and vim.fn.readfile(path) or {}
end

local function sorted(rows)
  table.sort(rows)
  return rows
end

local function row(path, start_line, start_character, end_line, end_character, severity, code, message)
  return ('%s:%d:%d-%d:%d %s[%s] %s'):format(
    path,
    start_line,
    start_character,
    end_line,
    end_character,
    severity,
    code,
    message
  )
end

--- What the command line finds in `directory`, a sorted list of lines.
---@param directory string
---@return string[]
function M.expected(directory)
  local answer = vim.json.decode(M.run({ 'fromwhere', 'check', '--output-format', 'json' }, directory))
  return sorted(vim.tbl_map(function(it)
    local start, stop = it.range.start, it.range['end']
    return row(it.path, start.line, start.character, stop.line, stop.character, it.severity, it.code, it.message)
  end, answer.diagnostics))
end

--- What Neovim shows, in all its buffers, a sorted list of lines.
---@return string[]
function M.shown()
  return sorted(vim.tbl_map(function(it)
    local path = vim.api.nvim_buf_get_name(it.bufnr)
    local lines = lines_of(path)
    return row(
      path,
      it.lnum + 1,
      character(lines[it.lnum + 1] or '', it.col),
      it.end_lnum + 1,
      character(lines[it.end_lnum + 1] or '', it.end_col),
      SEVERITY[it.severity],
      it.code,
      it.message
    )
  end, vim.diagnostic.get()))
end

--- The lines that belong to the rule `code`.
---@param rows string[]
---@param code string
---@return string[]
function M.of_rule(rows, code)
  return vim.tbl_filter(function(it)
    return it:find('[' .. code .. ']', 1, true) ~= nil
  end, rows)
end

return M
