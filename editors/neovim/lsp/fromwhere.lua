---@brief
--- Tells where each Python import comes from, without running Python.
--- Neovim 0.11 and newer read this file by themselves: `vim.lsp.enable('fromwhere')` is enough.

-- The whole of the client's capabilities, as Neovim 0.10 does not add the default ones to those named here.
local capabilities = vim.tbl_deep_extend('force', vim.lsp.protocol.make_client_capabilities(), {
  experimental = {
    commands = { commands = { 'fromwhere.runInTerminal' } },
    fromwhere = true,
  },
})

local root_markers = {
  'pyproject.toml',
  'fromwhere.toml',
  'setup.py',
  'setup.cfg',
  'requirements.txt',
  'Pipfile',
  '.venv',
  '.git',
}

---@type vim.lsp.Config
return {
  cmd = { 'fromwhere', 'server' },
  -- The last ones are what Neovim takes a pyvenv.cfg for; of their kind it is the only file that is served.
  filetypes = { 'python', 'cfg', 'conf', 'dosini' },
  root_markers = root_markers,
  root_dir = function(buffer, found)
    if require('fromwhere.client').serves(buffer) then
      found(vim.fs.root(buffer, root_markers))
    end
  end,
  settings = { fromwhere = vim.empty_dict() },
  capabilities = capabilities,
  commands = {
    -- A quick fix that is a command line. It runs because the user picked it from the menu, never by itself.
    ['fromwhere.runInTerminal'] = function(command, context)
      require('fromwhere').run_in_terminal(command, context)
    end,
    -- The action on an import: a window of our own instead of a file.
    ['fromwhere.server.explain'] = function(command, context)
      require('fromwhere').show_explanation(command, context)
    end,
  },
  handlers = {
    ['fromwhere/environment'] = function(_, environment, context)
      require('fromwhere.status').told(environment, context.client_id)
      require('fromwhere.document').refresh(context.client_id)
    end,
  },
  on_exit = function(_, _, client_id)
    require('fromwhere.status').forget(client_id)
  end,
}
