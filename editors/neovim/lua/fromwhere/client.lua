--- What differs between the clients of Neovim 0.10 and of newer ones.
local M = {}

M.NAME = 'fromwhere'

--- Whether `vim.lsp.config` and `vim.lsp.enable` are there, and clients have methods.
---@return boolean
function M.is_new()
  return vim.fn.has('nvim-0.11') == 1
end

--- What makes a folder a Python project.
M.PROJECT = {
  'pyproject.toml',
  'fromwhere.toml',
  'setup.py',
  'setup.cfg',
  'requirements.txt',
  'Pipfile',
  'environment.yml',
  '.venv',
}

--- Manifests, locks and settings, by the ends of their paths: what is said there has quick fixes.
local FILES = {
  '/pyproject%.toml$',
  '/fromwhere%.toml$',
  '/setup%.cfg$',
  '/Pipfile$',
  '/Pipfile%.lock$',
  '/requirements[^/]*%.txt$',
  '/requirements/[^/]+%.txt$',
  '/environment%.ya?ml$',
  '/uv%.lock$',
  '/poetry%.lock$',
  '/pdm%.lock$',
  '/pylock[^/]*%.toml$',
  '/ty%.toml$',
  '/%.?mypy%.ini$',
  '/pyrightconfig%.json$',
  '/%.github/workflows/[^/]+%.ya?ml$',
  '/%.forgejo/workflows/[^/]+%.ya?ml$',
  '/%.gitea/workflows/[^/]+%.ya?ml$',
  '/%.github/.+/action%.ya?ml$',
  '/%.forgejo/.+/action%.ya?ml$',
  '/%.gitea/.+/action%.ya?ml$',
  '/%.circleci/config%.yml$',
  '/%.gitlab%-ci%.yml$',
  '/%.travis%.yml$',
  '/%.drone%.yml$',
  '/%.cirrus%.ya?ml$',
  '/%.readthedocs%.ya?ml$',
  '/%.woodpecker%.ya?ml$',
  '/%.woodpecker/[^/]+%.ya?ml$',
  '/%.?azure%-pipelines%.yml$',
  '/bitbucket%-pipelines%.yml$',
}

--- What installs with pip, where it may be refused.
local RECIPES = { dockerfile = true, sh = true, bash = true, make = true }

--- A path as it is compared: on Windows its slashes and its drive may be written in several ways.
---@param path string
---@return string
function M.path_of(path)
  return vim.fn.has('win32') == 1 and vim.fs.normalize(path, { expand_env = false }) or path
end

--- Whether a buffer is Python, tells Python about an environment, or belongs to a Python project and has something to fix.
---@param buffer integer
---@return boolean
function M.serves(buffer)
  local path = M.path_of(vim.api.nvim_buf_get_name(buffer))
  if vim.bo[buffer].filetype == 'python' or vim.fs.basename(path) == 'pyvenv.cfg' then
    return true
  end
  local is_file = vim.iter(FILES):any(function(file)
    return path:find(file) ~= nil
  end)
  return (is_file or RECIPES[vim.bo[buffer].filetype] == true) and vim.fs.root(buffer, M.PROJECT) ~= nil
end

--- The client that serves a buffer.
---@param buffer integer
---@return vim.lsp.Client?
function M.of(buffer)
  return vim.lsp.get_clients({ name = M.NAME, bufnr = buffer })[1]
end

---@param client vim.lsp.Client
---@param force boolean
function M.stop(client, force)
  if M.is_new() then
    client:stop(force)
  else
    client.stop(force) -- Neovim 0.10's clients are tables of closures.
  end
end

---@param client vim.lsp.Client
---@param method string
---@param params table
---@param answered fun(problem?: table, result: any)
function M.request(client, method, params, answered)
  if M.is_new() then
    client:request(method, params, answered)
  else
    client.request(method, params, answered)
  end
end

return M
