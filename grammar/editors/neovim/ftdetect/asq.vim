autocmd BufRead,BufNewFile *.asq setfiletype asq
