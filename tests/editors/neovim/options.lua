--- What a user can set, each in a Neovim of its own.
local report = require('report')
local check, part = report.check, report.part

--- Starts another Neovim with some Lua before its plugins are loaded, shows a file or none, runs more Lua there, and returns
--- what that returns.
---@param work string
---@param before string
---@param file? string
---@param after string
local function neovim(work, before, file, after)
  local answer = work .. '/answer'
  os.remove(answer)
  local script = work .. '/after.lua'
  vim.fn.writefile(
    vim.split(
      ([[
        local function wait(held)
          vim.wait(20000, held, 10)
          return held()
        end
        local function client()
          return vim.lsp.get_clients({ name = 'fromwhere' })[1]
        end
        local function severity()
          wait(function() return #vim.diagnostic.get(0) > 0 end)
          return (vim.diagnostic.get(0)[1] or {}).severity
        end
        local fine, found = pcall(function() %s end)
        vim.fn.writefile({ vim.json.encode({ fine = fine, found = found }) }, '%s')
        vim.cmd('qa!')
      ]]):format(after, answer),
      '\n'
    ),
    script
  )
  local command = { vim.v.progpath, '--clean', '--headless' }
  vim.list_extend(command, { '--cmd', 'set noswapfile rtp^=' .. work .. '/plugin', '--cmd', 'lua ' .. before })
  -- Once Neovim has started, as a user's own keys and commands come.
  local started = ("autocmd VimEnter * lua vim.schedule(function() dofile('%s') end)"):format(script)
  local result = vim.system(vim.list_extend(command, { '--cmd', started, file }), { text = true }):wait(60000)
  local lines = vim.fn.filereadable(answer) == 1 and vim.fn.readfile(answer) or {}
  return lines[1] and vim.json.decode(lines[1]) or { fine = false, found = result }
end

---@param work string
---@param books string
return function(work, books)
  local function same(found, expected, what)
    check(found.fine and vim.deep_equal(found.found, expected), what, found)
  end

  part('vim.g.fromwhere', function()
    local program = work .. '/bin/named'
    vim.fn.writefile({ '#!/bin/sh', 'exec fromwhere "$@"' }, program)
    vim.fn.setfperm(program, 'rwxr-xr-x')
    local settings = "settings = { severity = { ['import-from-os'] = 'error' } }"
    same(
      neovim(
        work,
        ("vim.g.fromwhere = { cmd = { '%s', 'server' }, %s }"):format(program, settings),
        books,
        'return { severity(), client().config.cmd[1] }'
      ),
      { 1, program },
      '`cmd` names the server, `settings` are sent to it'
    )
    same(
      neovim(work, ("require('fromwhere').setup({ %s })"):format(settings), books, 'return severity()'),
      1,
      'so does setup(), before the plugin is loaded'
    )
    same(
      neovim(
        work,
        '',
        nil,
        ("require('fromwhere').setup({ %s }); vim.cmd.edit('%s'); return severity()"):format(settings, books)
      ),
      1,
      'and after it, for what is opened then'
    )
    same(neovim(work, '', books, 'return severity()'), 2, 'without them it is as it is')
  end)

  part('vim.g.fromwhere_autostart', function()
    local found = neovim(
      work,
      'vim.g.fromwhere_autostart = false',
      books,
      [[
        vim.wait(1000, client, 10)
        local before = client() ~= nil
        require('fromwhere').enable()
        return { before, severity(), vim.fn.exists(':Fromwhere') }
      ]]
    )
    same(found, { false, 2, 2 }, 'where it is false, nothing starts before `enable()`, which serves what is open')
  end)
end
