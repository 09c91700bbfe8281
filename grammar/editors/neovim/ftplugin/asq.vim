" How .asq files are typed.
if exists("b:did_ftplugin")
  finish
endif
let b:did_ftplugin = 1

setlocal expandtab shiftwidth=2 softtabstop=2
setlocal comments=:///,:// commentstring=//\ %s
setlocal formatoptions-=t formatoptions+=croql
setlocal iskeyword+=-
setlocal smartindent

let b:undo_ftplugin = "setlocal et< sw< sts< com< cms< fo< isk< si<"
