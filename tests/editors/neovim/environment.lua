--- What is said of the environment itself: in the status line, in an open pyvenv.cfg, as a question.
local report = require('report')
local truth = require('truth')
local check, soon, part = report.check, report.soon, report.part

---@param around { demo: string, books: string, edit: fun(path: string), write: fun(path: string, text: string), agrees: fun(what: string), clients: fun(): vim.lsp.Client[] }
return function(around)
  local demo, books, edit, write = around.demo, around.books, around.edit, around.write
  local agrees, clients = around.agrees, around.clients

  part('the status line', function()
    edit(books)
    local status = require('fromwhere').statusline
    soon('it is empty while all is well', function()
      return status() == '', status()
    end)
    local always = status({ always = true })
    check(
      always:find('^%.venv · Python 3%.%d+ · 1 package$'),
      'and tells the environment where it is asked to',
      always
    )
    local told = 0
    vim.api.nvim_create_autocmd('User', {
      pattern = 'FromwhereStatus',
      callback = function()
        told = told + 1
      end,
    })
    truth.run({ 'ln', '-sfn', '/nowhere/python3', '.venv/bin/python3' }, demo)
    soon('it tells that the Python of .venv is gone', function()
      return vim.startswith(status(), '.venv: '), status()
    end)
    check(told > 0, 'with the event User FromwhereStatus', told)
    truth.run({ 'ln', '-sfn', '/usr/bin/python3', '.venv/bin/python3' }, demo)
    soon('and is empty again', function()
      return status() == '', status()
    end)
  end)

  part('pyvenv.cfg', function()
    local settings = demo .. '/.venv/pyvenv.cfg'
    local text = table.concat(vim.fn.readfile(settings), '\n') .. '\n'
    vim.cmd.edit(settings)
    soon('the same server serves it', function()
      local found = vim.lsp.get_clients({ name = 'fromwhere', bufnr = 0 })
      return #found == 1 and found[1].id == clients()[1].id and #clients() == 1, { vim.bo.filetype, #clients() }
    end)
    vim.api.nvim_buf_set_lines(0, 0, 0, false, { 'include-system-site-packages = yes' })
    soon('what is typed is checked', function()
      local found = vim.diagnostic.get(0)
      return #found > 0 and found[1].code == 'pyvenv-cfg-syntax', found
    end)
    vim.cmd('silent write')
    edit(books)
    local status = require('fromwhere').statusline
    soon('the status line says what is wrong with an environment that runs', function()
      return status():find('no effect: of two lines', 1, true), status()
    end)
    write(settings, text)
    soon('and is empty again', function()
      return status() == '', status()
    end)
    vim.cmd('bwipeout! ' .. settings)
    write(demo .. '/tool.cfg', '[tool]\n')
    vim.cmd.edit(demo .. '/tool.cfg')
    vim.wait(300)
    check(#vim.lsp.get_clients({ name = 'fromwhere', bufnr = 0 }) == 0, 'no other file of its kind is served')
    vim.cmd('bwipeout!')
    vim.fn.delete(demo .. '/tool.cfg')
    edit(books)
  end)

  part('the question', function()
    edit(books)
    local asked = {}
    local original = vim.lsp.handlers['window/showMessageRequest']
    vim.lsp.handlers['window/showMessageRequest'] = function(_, params)
      asked[#asked + 1] = params
      return params.actions[#params.actions]
    end
    truth.run({ 'ln', '-sfn', '/nowhere/python3', '.venv/bin/python3' }, demo)
    soon('an environment that stops working is asked about', function()
      return #asked == 1, asked
    end)
    check(asked[1] and asked[1].message:find('/nowhere/python3', 1, true), 'with what is wrong', asked)
    vim.lsp.handlers['window/showMessageRequest'] = original
    truth.run({ 'ln', '-sfn', '/usr/bin/python3', '.venv/bin/python3' }, demo)
    agrees('and back')
  end)
end
