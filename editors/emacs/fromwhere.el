;;; fromwhere.el --- Where Python imports come from, through eglot  -*- lexical-binding: t -*-

;; Package-Requires: ((emacs "29.1"))
;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Tells eglot how to start fromwhere, and shows the documents that its server writes.
;; Eglot has one server for a buffer: see README.md for how to run it beside a type checker.

;;; Code:

(require 'eglot)

(add-to-list 'eglot-server-programs '((python-mode python-ts-mode) . ("fromwhere" "server")))

(defun fromwhere--show (buffer command argument)
  "Show in BUFFER what the server answers to COMMAND with ARGUMENT."
  (let* ((uri (plist-get (plist-get (eglot--TextDocumentPositionParams) :textDocument) :uri))
         (argument (append argument `(:uri ,uri :show :json-false)))
         (text (eglot-execute-command (eglot--current-server-or-lose) command (vector argument))))
    (with-current-buffer (get-buffer-create buffer)
      (let ((inhibit-read-only t))
        (erase-buffer)
        (insert text))
      (goto-char (point-min))
      (special-mode)
      (display-buffer (current-buffer)))))

;;;###autoload
(defun fromwhere-roots ()
  "Show the import roots of the current file, in order, with the reason for each."
  (interactive)
  (fromwhere--show "*fromwhere roots*" 'fromwhere.server.roots nil))

;;;###autoload
(defun fromwhere-explain ()
  "Explain where the import at point comes from."
  (interactive)
  (fromwhere--show "*fromwhere explain*" 'fromwhere.server.explain `(:position ,(plist-get (eglot--TextDocumentPositionParams) :position))))

;;;###autoload
(defun fromwhere-check-again ()
  "Have everything read again, for disks that tell nothing of a change."
  (interactive)
  (eglot-execute-command (eglot--current-server-or-lose) 'fromwhere.server.checkAgain []))

(provide 'fromwhere)
;;; fromwhere.el ends here
