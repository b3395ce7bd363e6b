--- The documents that the server writes: what opens them, and that they follow the disk.
local report = require('report')
local check, soon, part = report.check, report.soon, report.part

--- The lines of the buffer of that name, once it is there.
local function document(title)
  local buffer = vim.fn.bufnr('^fromwhere://' .. title .. '$')
  return buffer ~= -1 and table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n') or ''
end

--- Checks that a document comes to say something.
local function says(title, text, what)
  soon(what, function()
    return document(title):find(text, 1, true), document(title)
  end)
end

---@param around { demo: string, books: string, site_packages: string, edit: fun(path: string), write: fun(path: string, text: string), agrees: fun(what: string), yaml_at: fun(): integer, integer }
return function(around)
  local demo, books, site_packages = around.demo, around.books, around.site_packages
  local edit, write, agrees, yaml_at = around.edit, around.write, around.agrees, around.yaml_at

  part('documents', function()
    edit(books)
    vim.cmd('Fromwhere roots')
    says('roots', '# Import roots of `demo`', ':Fromwhere roots shows a document')
    says('roots', '## What `src/catalogue/books.py` imports', 'about the file at hand')
    check(vim.bo.filetype == 'markdown' and not vim.bo.modifiable, 'in a window that is only read')
    local settings = demo .. '/.venv/pyvenv.cfg'
    local text = table.concat(vim.fn.readfile(settings), '\n') .. '\n'
    write(settings, (text:gsub('packages = true', 'packages = false')))
    says('roots', 'whose packages are not seen', 'which follows pyvenv.cfg by itself')
    write(settings, text)
    says('roots', 'whose packages are seen', 'and back')
    write(site_packages .. '/other-1.dist-info/METADATA', 'Metadata-Version: 2.1\nName: other\nVersion: 1\n')
    says('roots', 'site-packages, 2 packages', 'and what changes no diagnostic')
    vim.cmd.wincmd('p')
    vim.cmd('Fromwhere restart')
    vim.fn.delete(site_packages .. '/other-1.dist-info', 'rf')
    says('roots', 'site-packages, 1 package ', 'also when the server is started again')
    vim.cmd('bwipeout! fromwhere://roots')
    edit(books)
    agrees('and all is as before')

    edit(books)
    vim.cmd('Fromwhere explain json')
    says('explain', '# Where `json` comes from', ':Fromwhere explain {module} explains what nobody imports')
    vim.cmd('bwipeout')
    vim.api.nvim_win_set_cursor(0, { yaml_at() })
    vim.cmd('Fromwhere explain')
    says('explain', '# Where `yaml` comes from', ':Fromwhere explain explains the import at the cursor')
    says('explain', '**yes**', 'and goes through the roots')
    vim.cmd('bwipeout')
    vim.lsp.buf.code_action({
      filter = function(action)
        return vim.startswith(action.title, 'Explain the import of `yaml`')
      end,
      apply = true,
    })
    says('explain', '# Where `yaml` comes from', 'so does the code action')
    vim.cmd('bwipeout')
    check(vim.fn.maparg('<Plug>(fromwhere-explain)', 'n') ~= '', 'there is a <Plug> for it')

    local place = { line = 1, character = 0 }
    local location = { uri = vim.uri_from_fname(settings), range = { start = place, ['end'] = place } }
    local command = { command = 'fromwhere.server.open', arguments = { location } }
    require('fromwhere.client').request(around.clients()[1], 'workspace/executeCommand', command, function() end)
    soon('a file that the server wants to be shown is shown as Neovim does', function()
      return vim.api.nvim_buf_get_name(0) == settings and vim.fn.line('.') == 2, vim.api.nvim_buf_get_name(0)
    end)
    vim.cmd('bwipeout!')
    edit(books)
  end)
end
