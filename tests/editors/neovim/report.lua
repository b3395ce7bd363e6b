--- Counts what held and what did not, and waits for what takes a moment.
local M = { passed = 0, failed = 0 }

local clock = (vim.uv or vim.loop).hrtime
local began = clock()

---@param held any whether it held
---@param what string
---@param seen? any shown when it did not hold
function M.check(held, what, seen)
  local milliseconds = math.floor((clock() - began) / 1e6)
  if held then
    M.passed = M.passed + 1
    io.stdout:write(('ok   %6d ms  %s\n'):format(milliseconds, what))
  else
    M.failed = M.failed + 1
    local detail = seen ~= nil and ('\n' .. vim.inspect(seen)) or ''
    io.stdout:write(('FAIL %6d ms  %s%s\n'):format(milliseconds, what, detail))
  end
  return held
end

--- Checks that `held` returns something true within a while. Its second value is shown when it never does.
---@param what string
---@param held fun(): any, any
function M.soon(what, held)
  local value, seen
  -- A busy machine may need long; only what fails waits so long.
  vim.wait(30000, function()
    value, seen = held()
    return value and true or false
  end, 25)
  M.check(value, what, seen)
  return value
end

--- Runs a part; an error in it is a failure, and the parts after it still run.
---@param name string
---@param run fun()
function M.part(name, run)
  local fine, message = xpcall(run, debug.traceback)
  if not fine then
    M.check(false, name .. ' ran to its end', message)
  end
end

--- The lines of Neovim's log that tell of an error. What a server says on stderr is an error to Neovim, whatever it is: there the
--- server's own word counts.
---@param path string
---@return string[]
function M.complaints(path)
  return vim.tbl_filter(function(line)
    local said = line:match('"stderr"%s+(.*)')
    return (said or line):find('ERROR', 1, true) ~= nil or (said or line):find('WARN', 1, true) ~= nil
  end, vim.fn.readfile(path))
end

--- Prints the closing line and ends Neovim.
function M.finish()
  io.stdout:write(('%d passed, %d failed\n'):format(M.passed, M.failed))
  io.stdout:flush()
  os.exit(M.failed == 0 and M.passed > 0 and 0 or 1)
end

return M
