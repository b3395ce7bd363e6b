// A terminal for the command line of a quick fix. In: one command line that the user picked. Out: a terminal of its own
// that runs it in the folder of the workspace, which is what the line was written for.
//
// Invariant: nothing is run in an untrusted workspace, nothing that was not picked, and nothing is typed into a terminal
// in which something else may be waiting for an answer.

import * as vscode from "vscode";

export async function runInTerminal(line: unknown): Promise<void> {
  if (typeof line !== "string" || line.trim() === "") throw new Error("There is no command line to run");
  if (/[\r\n]/.test(line)) throw new Error("A command line is one line");
  if (!vscode.workspace.isTrusted) {
    void vscode.window.showWarningMessage(`This workspace is not trusted. Run it yourself: ${line}`);
    return;
  }
  const uri = vscode.window.activeTextEditor?.document.uri;
  const folder = uri && vscode.workspace.getWorkspaceFolder(uri)?.uri;
  const terminal = vscode.window.createTerminal({ name: "fromwhere", ...(folder ? { cwd: folder } : {}) });
  terminal.show(false);
  terminal.sendText(line, true);
}
