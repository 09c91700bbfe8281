;;; asq-mode.el --- AWS environments in .asq files -*- lexical-binding: t; -*-

;; Package-Requires: ((emacs "29.1"))

;;; Commentary:

;; Colours, comments and indentation of .asq files, and `asiaq lsp' for Eglot.

;;; Code:

(defgroup asq nil "AWS environments in .asq files." :group 'languages)

(defcustom asq-command '("asiaq" "lsp")
  "How to run the language server."
  :type '(repeat string))

(defconst asq-keywords
  '("allow" "and" "at" "can" "cannot" "deny" "enum" "expect" "for" "from" "if" "in" "kind" "let" "moved" "not" "on" "or"
    "reach" "replace" "use" "via" "when" "where"))

(defconst asq-constants
  '("all" "amazon" "auto" "cookie" "false" "igw" "internet" "nat" "true" "vgw"))

(defconst asq-protocols '("any" "http" "https" "icmp" "proto" "ssl" "tcp" "tls" "udp"))

(defconst asq--name "[A-Za-z_][A-Za-z0-9_-]*")

(defvar asq-font-lock-keywords
  `((,(concat "\\_<" (regexp-opt asq-keywords) "\\_>") . font-lock-keyword-face)
    ("\\_<\\(file\\|url\\)\\s-+\"" 1 font-lock-constant-face)
    ("\\w\\s-+\\(x\\)\\s-+\\w" 1 font-lock-keyword-face)
    (,(concat "\\_<" (regexp-opt asq-constants) "\\_>") . font-lock-constant-face)
    (,(concat "\\_<" (regexp-opt asq-protocols) "\\_>") . font-lock-builtin-face)
    (,(concat "\\(" asq--name "\\)\\s-*\\(?:@\\s-*\\(?:\\[[^]]*\\]\\|" asq--name "\\)\\s-*\\)?\\+?=")
     1 font-lock-property-name-face)
    ("\\(\"\\(?:[^\"\\]\\|\\\\.\\)*\"\\)\\s-*\\+?=" 1 font-lock-property-name-face t)
    (,(concat "^\\s-*\\(" asq--name "\\)\\s-+\\(" asq--name "\\)\\s-*\\(?:[:{=]\\|$\\)")
     (1 font-lock-type-face) (2 font-lock-variable-name-face))
    (,(concat "\\_<\\(cache\\|database\\|hostclass\\|lb\\|search\\)\\s-+\\(?:" asq--name "/\\)?" asq--name
              "\\(?:\\s-+can\\|:\\s-*[0-9[]\\|\\s-*[],]\\|\\s-*$\\)")
     1 font-lock-type-face)
    (,(concat "\\(" asq--name "\\)\\s-*{") 1 font-lock-type-face)))

(defvar asq-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?/ ". 12" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?_ "_" table)
    (modify-syntax-entry ?- "_" table)
    table))

(defun asq-indent-line ()
  "Indent by two for each bracket that is open."
  (interactive)
  (let* ((depth (save-excursion
                  (back-to-indentation)
                  (- (car (syntax-ppss)) (if (looking-at "[]})]") 1 0))))
         (column (* 2 (max 0 depth))))
    (if (<= (current-column) (current-indentation))
        (indent-line-to column)
      (save-excursion (indent-line-to column)))))

;;;###autoload
(define-derived-mode asq-mode prog-mode "asq"
  "Major mode for .asq files."
  (setq-local comment-start "// ")
  (setq-local comment-start-skip "///?\\s-*")
  (setq-local indent-tabs-mode nil)
  (setq-local indent-line-function #'asq-indent-line)
  (setq-local font-lock-defaults '(asq-font-lock-keywords)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.asq\\'" . asq-mode))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs (cons 'asq-mode asq-command)))

(provide 'asq-mode)
;;; asq-mode.el ends here
