---@brief
--- Tells where each Python import comes from, without running Python.
--- Neovim 0.11 and newer read this file by themselves: `vim.lsp.enable('fromwhere')` is enough.

-- The whole of the client's capabilities, as Neovim 0.10 does not add the default ones to those named here.
local capabilities = vim.tbl_deep_extend('force', vim.lsp.protocol.make_client_capabilities(), {
  experimental = { commands = { commands = { 'fromwhere.runInTerminal' } } },
})

---@type vim.lsp.Config
return {
  cmd = { 'fromwhere', 'server' },
  filetypes = { 'python' },
  -- Flat, as nested lists (markers of equal rank) exist only since Neovim 0.11.3.
  root_markers = {
    'pyproject.toml',
    'fromwhere.toml',
    'setup.py',
    'setup.cfg',
    'requirements.txt',
    'Pipfile',
    '.venv',
    '.git',
  },
  settings = { fromwhere = vim.empty_dict() },
  capabilities = capabilities,
  commands = {
    -- A quick fix that is a command line. It runs because the user picked it from the menu, never by itself.
    ['fromwhere.runInTerminal'] = function(command, context)
      require('fromwhere').run_in_terminal(command, context)
    end,
  },
}
