// A terminal for the command line of a quick fix. In: one command line that the user picked. Out: a terminal of its own
// that runs it in the folder of the workspace, which is what the line was written for.
//
// Invariant: nothing is run in an untrusted workspace, nothing that was not picked, and nothing is typed into a terminal
// in which something else may be waiting for an answer.

import * as vscode from "vscode";

export async function runInTerminal(line: unknown): Promise<void> {
  if (typeof line !== "string" || line.trim() === "" || /[\r\n]/.test(line)) {
    void vscode.window.showWarningMessage("fromwhere: what is to be run is not one command line");
    return;
  }
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
