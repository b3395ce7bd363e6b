if vim.g.loaded_fromwhere then
  return
end
vim.g.loaded_fromwhere = true

if vim.fn.has('nvim-0.10') == 0 then
  vim.notify('fromwhere needs Neovim 0.10 or newer', vim.log.levels.WARN)
  return
end

vim.api.nvim_create_user_command('Fromwhere', function(invocation)
  require('fromwhere').command(invocation.fargs)
end, {
  nargs = '+',
  complete = function(lead, line)
    return require('fromwhere').complete(lead, line)
  end,
  desc = 'fromwhere: import roots, explanations, the server and its log',
})

vim.keymap.set('n', '<Plug>(fromwhere-explain)', function()
  require('fromwhere').explain()
end, { desc = 'Explain where the import at the cursor comes from' })
vim.keymap.set('n', '<Plug>(fromwhere-roots)', function()
  require('fromwhere').roots()
end, { desc = 'Show the import roots' })

if vim.g.fromwhere_autostart ~= false then
  require('fromwhere').enable()
end
