;;; main.el --- eglot end to end  -*- lexical-binding: t -*-
;; The demo project, the real server, what editors/emacs/README.md tells people.  Run by `run', inside a chroot.

;;; Code:
(require 'eglot)
(require 'flymake)
(require 'python)

(defvar e2e-work (getenv "WORK"))
(defvar e2e-demo (expand-file-name "demo" e2e-work))
(defvar e2e-books (expand-file-name "src/catalogue/books.py" e2e-demo))
(defvar e2e-passed 0)
(defvar e2e-failed 0)
(defvar e2e-began (float-time))
(defvar e2e-warned nil "What eglot and jsonrpc have warned of.")

(defun e2e-check (held what &optional seen)
  "Count whether HELD is true; WHAT names it, SEEN is printed where it is not."
  (if held (cl-incf e2e-passed) (cl-incf e2e-failed))
  (princ (format "%s %6d ms  %s%s\n" (if held "ok  " "FAIL") (* 1000 (- (float-time) e2e-began)) what
                 (if held "" (format "\n%S" seen))))
  held)

(defun e2e-soon (held what &optional seen)
  "Check that HELD returns true within a while; WHAT and SEEN as in `e2e-check'."
  (let ((end (+ (float-time) 30)) value)
    (while (and (not (setq value (funcall held))) (< (float-time) end))
      (accept-process-output nil 0.03))
    (e2e-check value what (and (not value) seen (funcall seen)))
    value))

(defun e2e-run (&rest command)
  "Run COMMAND in the demo; an error ends the test."
  (let ((default-directory e2e-demo))
    (unless (zerop (apply #'call-process (car command) nil nil nil (cdr command)))
      (error "%S failed" command))))

(defun e2e-servers ()
  "Return how many servers run, seen from outside."
  (length (process-lines-ignore-status "pgrep" "-x" "fromwhere")))

(defun e2e-mode-line ()
  "Return what eglot's part of the mode line says, with what the mouse tells there."
  (mapconcat #'substring-no-properties (seq-filter #'stringp (flatten-tree (eglot--mode-line-format))) " "))

(defun e2e-complaints ()
  "Return the lines in which the server tells of an error, and what Emacs has warned of."
  (with-current-buffer (jsonrpc-stderr-buffer (eglot-current-server))
    (append e2e-warned (seq-filter (lambda (line) (string-match-p " \\(ERROR\\|WARN\\) " line))
                                   (split-string (buffer-string) "\n")))))

(dolist (warn '(eglot--warn jsonrpc--warn))
  (when (fboundp warn)
    (advice-add warn :before (lambda (&rest words) (push (apply #'format words) e2e-warned)))))

(defun e2e-texts ()
  "Return the texts of all diagnostics in the buffer."
  (flymake-start)
  (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))

(defun e2e-says (pattern)
  "Tell whether a diagnostic matches PATTERN."
  (cl-some (lambda (text) (string-match-p pattern text)) (e2e-texts)))

(defun e2e-write (path text)
  "Write TEXT into the file PATH of the demo, behind the back of Emacs."
  (write-region text nil (expand-file-name path e2e-demo) nil 'silent))

(defun e2e-actions ()
  "Return the code actions at `import yaml'."
  (goto-char (point-min))
  (search-forward "import yaml")
  (backward-char)
  (eglot-code-actions (point) (1+ (point))))

(defun e2e-action (start)
  "Return the action whose title begins with START."
  (cl-find-if (lambda (action) (string-prefix-p start (plist-get action :title))) (e2e-actions)))

(setq eglot-sync-connect t eglot-autoshutdown t eglot-confirm-server-edits nil eglot-send-changes-idle-time 0.05
      create-lockfiles nil make-backup-files nil vc-handled-backends nil
      project-vc-extra-root-markers '("pyproject.toml"))

;; What the README tells people.
(load (expand-file-name "plugin/fromwhere.el" e2e-work) nil t)

(condition-case problem
    (progn
      (e2e-run "/usr/bin/python3" "-m" "venv" "--system-site-packages" "--without-pip" ".venv")
      (find-file e2e-books)
      (python-mode)
      (call-interactively #'eglot)
      (e2e-soon #'eglot-managed-p "eglot manages the buffer")
      (e2e-soon (lambda () (string-match-p "100%.*\\.venv · Python 3\\.[0-9]+ · 0 packages" (e2e-mode-line)))
                "the mode line tells the environment, to the mouse" #'e2e-mode-line)
      (e2e-check (= (e2e-servers) 1) "one server runs" (e2e-servers))
      (e2e-soon (lambda () (e2e-says "`yaml` comes from Debian (python3-yaml), not from .venv")) "the diagnostic is shown"
                #'e2e-texts)
      (e2e-check (e2e-says "import-from-os") "with its rule" (e2e-texts))

      (goto-char (point-min))
      (search-forward "import yaml")
      (backward-char)
      (let* ((hover (jsonrpc-request (eglot-current-server) :textDocument/hover (eglot--TextDocumentPositionParams)))
             (text (plist-get (plist-get hover :contents) :value)))
        (e2e-check (string-match-p "python3-yaml" text) "hover tells the Debian package" text)
        (e2e-check (not (string-match-p "[*`]" text)) "in plain text, as eglot wants it without markdown-mode" text))

      (let ((settings (with-temp-buffer
                        (insert-file-contents (expand-file-name ".venv/pyvenv.cfg" e2e-demo))
                        (buffer-string))))
        (e2e-write ".venv/pyvenv.cfg" (string-replace "packages = true" "packages = false" settings))
        (e2e-soon (lambda () (e2e-says "`yaml` is not ")) "pyvenv.cfg is edited, and the diagnostic is another" #'e2e-texts)
        (e2e-write ".venv/pyvenv.cfg" settings)
        (e2e-soon (lambda () (e2e-says "from Debian")) "and back" #'e2e-texts))

      (e2e-run "ln" "-sfn" "/nowhere/python3" ".venv/bin/python3")
      (e2e-soon (lambda () (string-match-p "\\.venv: .*leads nowhere" (e2e-mode-line)))
                "the environment's Python is gone, and the mode line tells it" #'e2e-mode-line)
      (e2e-run "ln" "-sfn" "/usr/bin/python3" ".venv/bin/python3")
      (e2e-soon (lambda () (string-match-p "\\.venv · Python 3\\.[0-9]+ · 0 packages" (e2e-mode-line)))
                "and that it is back" #'e2e-mode-line)

      (e2e-run (expand-file-name "tests/pip.sh" e2e-work) "install")
      (e2e-soon (lambda () (not (e2e-says "`yaml`"))) "`pip install' of PyYAML, and the diagnostic is gone" #'e2e-texts)
      (delete-directory (expand-file-name ".venv" e2e-demo) t)
      (e2e-soon (lambda () (e2e-says "from Debian (python3-yaml)\\'")) "without .venv, PyYAML is Debian's" #'e2e-texts)
      (e2e-run "/usr/bin/python3" "-m" "venv" "--system-site-packages" "--without-pip" ".venv")
      (e2e-soon (lambda () (e2e-says "not from .venv")) "and past it, once .venv is made again" #'e2e-texts)

      (let ((roots (eglot-execute-command (eglot-current-server) 'fromwhere.server.roots [(:show :json-false)])))
        (e2e-check (string-prefix-p "# Import roots of `demo`" roots) "the import roots come as text" roots))
      (fromwhere-roots)
      (e2e-soon (lambda () (get-buffer "*fromwhere roots*")) "`fromwhere-roots' shows them in a buffer")
      (set-buffer (get-file-buffer e2e-books))
      (goto-char (point-min))
      (search-forward "import yaml")
      (backward-char)
      (fromwhere-explain)
      (with-current-buffer "*fromwhere explain*"
        (e2e-check (string-prefix-p "# Where `yaml` comes from" (buffer-string)) "`fromwhere-explain' explains the import"
                   (buffer-string)))

      (set-buffer (get-file-buffer e2e-books))
      (e2e-check (not (condition-case problem (progn (fromwhere-check-again) nil) (error problem)))
                 "`fromwhere-check-again' is taken by the server")
      (e2e-soon (lambda () (e2e-says "from Debian")) "and everything is as it was" #'e2e-texts)
      (eglot-execute (eglot-current-server) (e2e-action "Ignore"))
      (e2e-soon (lambda () (save-excursion (goto-char (point-min)) (search-forward "import yaml  # fromwhere: ignore" nil t)))
                "a quick fix applies" #'buffer-string)
      (e2e-soon (lambda () (eglot--signal-textDocument/didChange) (not (e2e-texts))) "and its diagnostic goes away" #'e2e-texts)
      (e2e-check (not (e2e-complaints)) "nothing went wrong between Emacs and the server" (e2e-complaints))
      (set-buffer-modified-p nil)
      (kill-buffer)
      (e2e-soon (lambda () (zerop (e2e-servers))) "the server ends with its last buffer" #'e2e-servers)
      ;; Emacs ends while another one runs; `run' looks that it is gone.
      (find-file e2e-books)
      (python-mode)
      (call-interactively #'eglot)
      (e2e-check (= (e2e-servers) 1) "another one runs" (e2e-servers)))
  (error (e2e-check nil "ran to its end" problem)))
(princ (format "%d passed, %d failed\n" e2e-passed e2e-failed))
(kill-emacs (if (and (zerop e2e-failed) (> e2e-passed 0)) 0 1))
;;; main.el ends here
