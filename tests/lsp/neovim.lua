-- What a person does in an editor, step by step; what came of each step is written to $STEPS as JSON.

local steps = {}

local function wait(condition)
  return vim.wait(60000, condition, 20)
end

local function lines()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
end

-- Puts the cursor on the first place that matches.
local function go_to(pattern)
  vim.fn.cursor(1, 1)
  assert(vim.fn.search(pattern, "cW") > 0, pattern .. " is not there")
end

local function ask(method, params)
  local answers = vim.lsp.buf_request_sync(0, method, params or vim.lsp.util.make_position_params(), 60000)
  for _, answer in pairs(answers or {}) do
    return answer.result
  end
end

local function codes()
  return vim.tbl_map(function(diagnostic)
    return diagnostic.code or diagnostic.user_data.lsp.code
  end, vim.diagnostic.get(0))
end

local function look_around()
  vim.cmd("edit infra.asq")
  steps.filetype = vim.bo.filetype
  wait(function()
    return #vim.diagnostic.get(0) > 0
  end)
  steps.diagnostics = codes()
  go_to("envtype")
  steps.syntax = vim.fn.synIDattr(vim.fn.synID(vim.fn.line("."), vim.fn.col("."), 1), "name")
  go_to("box {}")
  steps.hover = ask("textDocument/hover").contents.value
end

local function complete()
  vim.fn.append("$", { "", "env other : box {", "  z", "}" })
  go_to("^  z")
  vim.fn.cursor(vim.fn.line("."), 4)
  steps.completion = vim.tbl_map(function(item)
    return item.label
  end, ask("textDocument/completion"))
  vim.cmd("silent undo")
end

local function jump()
  go_to("zones")
  vim.lsp.buf.definition()
  wait(function()
    return vim.fn.expand("%:t") ~= "infra.asq"
  end)
  steps.library = vim.fn.expand("%:p")
  vim.cmd("buffer infra.asq")
end

local function rename()
  go_to("box {}")
  vim.lsp.buf.rename("cube")
  wait(function()
    return lines():find("env e : cube", 1, true) ~= nil
  end)
  steps.renamed = lines()
end

local function mend()
  go_to("10.0.0.1")
  local params = vim.lsp.util.make_range_params()
  params.context = { diagnostics = {} }
  for _, action in ipairs(ask("textDocument/codeAction", params)) do
    if action.kind == "quickfix" and not steps.fix then
      steps.fix = action.title
      vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
    end
  end
  steps.is_clean = wait(function()
    return not vim.tbl_contains(codes(), "host-bits-set")
  end)
end

local function format()
  if vim.lsp.buf.format then
    vim.lsp.buf.format({ timeout_ms = 60000 })
  else
    vim.lsp.buf.formatting_sync(nil, 60000)
  end
  steps.formatted = lines()
end

local ok, why = xpcall(function()
  require("asiaq").setup({ cmd = { vim.env.ASIAQ, "lsp" } })
  for _, step in ipairs({ look_around, complete, jump, rename, mend, format }) do
    step()
  end
end, debug.traceback)
steps.failure = not ok and tostring(why) or nil
vim.fn.writefile({ vim.fn.json_encode(steps) }, vim.env.STEPS)
vim.cmd("qall!")
