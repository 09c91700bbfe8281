" Colours of .asq files, for when no language server says more.
if exists("b:current_syntax")
  finish
endif

syntax iskeyword @,48-57,_,-

syntax match asqName "\<[A-Za-z_][A-Za-z0-9_-]*\>"
syntax match asqBlock "\<[A-Za-z_][A-Za-z0-9_-]*\>\ze\s*{"
syntax match asqField "\<[A-Za-z_][A-Za-z0-9_-]*\>\ze\s*\%(@\s*\%(\[[^\]]*\]\|[A-Za-z0-9_-]\+\)\s*\)\?+\?="
syntax match asqKind "\%(^\s*\|[{,]\s*\)\@<=\%(replace\s\+\)\?[A-Za-z_][A-Za-z0-9_-]*\ze\s\+[A-Za-z_][A-Za-z0-9_-]*\s*\%(:\s*[A-Za-z_][A-Za-z0-9_-]*\s*\)\?\%([{=}]\|$\|//\)" contains=asqKeyword nextgroup=asqDeclared skipwhite
syntax match asqDeclared "\<[A-Za-z_][A-Za-z0-9_-]*\>" contained nextgroup=asqParent skipwhite
syntax match asqParent ":\s*[A-Za-z_][A-Za-z0-9_-]*\>" contained
syntax match asqMachines "\<\%(cache\|database\|hostclass\|lb\|search\)\>\ze\s\+\%([A-Za-z_][A-Za-z0-9_-]*\/\)\?[A-Za-z_][A-Za-z0-9_-]*\%(\s\+can\%(not\)\?\>\|:\s*[0-9\[]\|\s*[],]\|\s*$\)"
syntax match asqContext "@\s*[A-Za-z_][A-Za-z0-9_-]*\>"

syntax match asqNumber "[+-]\?\<\d[0-9A-Za-z.]*%\?"
syntax match asqAddress "\<\d\+\.\d\+\.\d\+\.\d\+\%(/\d\+\)\?"
syntax match asqOperator "<->\|->\|=>\|[<>]=\?\|\.\.\|+=\|="

syntax keyword asqKeyword allow and at can cannot deny enum expect for from if in kind let moved not on or reach replace use via when where
syntax match asqKeyword "\w\s\+\zsx\ze\s\+\w"
syntax keyword asqConstant all amazon auto cookie internet igw vgw nat
syntax match asqConstant "\<\%(file\|url\)\ze\s*\""
syntax keyword asqBoolean true false
syntax keyword asqProtocol any http https icmp proto ssl tcp tls udp

syntax region asqString start=+"+ skip=+\\.+ end=+"\|$+ contains=asqEscape,asqInterpolation
syntax match asqField /"\%([^"\\]\|\\.\)*"\ze\s*+\?=/
syntax match asqEscape +\\["\\nt$]+ contained
syntax match asqInterpolation "\${[^}\"]*}" contained
syntax match asqComment "//.*$" contains=asqTodo,@Spell
syntax match asqDocumentation "///\%([^/].*\)\?$" contains=@Spell
syntax keyword asqTodo TODO FIXME XXX contained

highlight default link asqKind Type
highlight default link asqBlock Type
highlight default link asqMachines Type
highlight default link asqDeclared Identifier
highlight default link asqParent Special
highlight default link asqContext Special
highlight default link asqField Label
highlight default link asqKeyword Keyword
highlight default link asqConstant Constant
highlight default link asqBoolean Boolean
highlight default link asqProtocol Function
highlight default link asqNumber Number
highlight default link asqAddress Number
highlight default link asqOperator Operator
highlight default link asqString String
highlight default link asqEscape SpecialChar
highlight default link asqInterpolation PreProc
highlight default link asqComment Comment
highlight default link asqDocumentation SpecialComment
highlight default link asqTodo Todo

let b:current_syntax = "asq"
