--- Starts `asiaq lsp` for .asq files; one server for each root.
local asiaq = {}

--- Where a project's workspace begins: at the repository, else at the file's folder.
local function root_of(file)
  local folder = vim.fn.fnamemodify(file, ":p:h")
  local git = vim.fn.finddir(".git", vim.fn.escape(folder, " ,") .. ";")
  return git ~= "" and vim.fn.fnamemodify(git, ":p:h:h") or folder
end

--- Before version 0.8 servers are kept count of by hand.
local running = {}

local function start(config, buffer)
  if vim.lsp.start then
    return vim.lsp.start(config, { bufnr = buffer })
  end
  local id = running[config.root_dir]
  if not (id and vim.lsp.get_client_by_id(id)) then
    id = vim.lsp.start_client(config)
    running[config.root_dir] = id
  end
  if id then
    vim.lsp.buf_attach_client(buffer, id)
  end
end

--- Options: `cmd`, how to run the server, and whatever else `vim.lsp.start` takes.
function asiaq.setup(options)
  options = options or {}
  vim.api.nvim_create_autocmd("FileType", {
    pattern = "asq",
    group = vim.api.nvim_create_augroup("asiaq", { clear = true }),
    callback = function(event)
      local name = vim.api.nvim_buf_get_name(event.buf)
      local config = { name = "asiaq", cmd = { "asiaq", "lsp" }, root_dir = root_of(name) }
      start(vim.tbl_extend("force", config, options), event.buf)
    end,
  })
end

return asiaq
