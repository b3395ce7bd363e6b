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
  nargs = 1,
  complete = function(lead)
    return vim.tbl_filter(function(name)
      return vim.startswith(name, lead)
    end, require('fromwhere').subcommands())
  end,
  desc = 'fromwhere: restart the language server, or open its log',
})

if vim.g.fromwhere_autostart ~= false then
  require('fromwhere').enable()
end
