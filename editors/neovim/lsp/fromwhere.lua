---@brief
--- Tells where each Python import comes from, without running Python.
--- Neovim 0.11 and newer read this file by themselves: `vim.lsp.enable('fromwhere')` is enough.

-- The whole of the client's capabilities, as Neovim 0.10 does not add the default ones to those named here.
local capabilities = vim.tbl_deep_extend('force', vim.lsp.protocol.make_client_capabilities(), {
  experimental = {
    commands = { commands = { 'fromwhere.runInTerminal' } },
    fromwhere = true,
  },
  workspace = { textDocumentContent = { dynamicRegistration = false } },
})

local client_of = require('fromwhere.client')

local root_markers = vim.list_extend({ '.git' }, client_of.PROJECT)

---@type vim.lsp.Config
return {
  cmd = { 'fromwhere', 'server' },
  -- What Neovim takes our files for. Of most of these few are served: `root_dir` decides.
  filetypes = {
    'python',
    'bash',
    'cfg',
    'conf',
    'config',
    'dockerfile',
    'dosini',
    'json',
    'jsonc',
    'make',
    'requirements',
    'sh',
    'text',
    'toml',
    'yaml',
    'yaml.github',
    'yaml.gitlab',
  },
  root_markers = root_markers,
  root_dir = function(buffer, found)
    if client_of.serves(buffer) then
      found(vim.fs.root(buffer, root_markers))
    end
  end,
  settings = { fromwhere = vim.empty_dict() },
  capabilities = capabilities,
  -- A change is sent at once: one that waits is no part of what the next quick fix is made for, and neither Neovim nor the
  -- server would notice.
  flags = { debounce_text_changes = 0 },
  commands = {
    -- A quick fix that is a command line. It runs because the user picked it from the menu, never by itself.
    ['fromwhere.runInTerminal'] = function(command, context)
      require('fromwhere').run_in_terminal(command, context)
    end,
  },
  handlers = {
    ['fromwhere/environment'] = function(_, environment, context)
      require('fromwhere.status').told(environment, context.client_id)
    end,
    -- The documents that the server writes stand in windows of our own, and follow what they tell of.
    ['window/showDocument'] = function(...)
      return require('fromwhere.document').shown(...)
    end,
    ['workspace/textDocumentContent/refresh'] = function(...)
      return require('fromwhere.document').changed(...)
    end,
  },
  on_init = function(client)
    require('fromwhere.document').started(client)
  end,
  on_exit = function(_, _, client_id)
    require('fromwhere.status').forget(client_id)
  end,
}
