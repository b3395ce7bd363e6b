// Stands in for the Python Environments extension: the part of its public interface that we use, written from what the
// npm package @vscode/python-environments says of it. `select` is the test's.
const fs = require("node:fs");
const path = require("node:path");
const vscode = require("vscode");

const changed = new vscode.EventEmitter();
const selected = new Map();
const variablesChanged = new vscode.EventEmitter();
const variables = new Map();
let asked = 0;
let picked = 0;

function environment(executable) {
  const prefix = path.dirname(path.dirname(executable));
  return {
    envId: { id: executable, managerId: "ms-python.python:venv" },
    name: path.basename(prefix),
    displayName: path.basename(prefix),
    displayPath: prefix,
    version: "3.11.0",
    environmentPath: vscode.Uri.file(prefix),
    execInfo: { run: { executable } },
    sysPrefix: prefix,
  };
}

/** What a `.env` says, in the place of the real one's file. */
exports.setVariables = (folder, its) => {
  variables.set(folder, its);
  variablesChanged.fire({ uri: vscode.Uri.file(path.join(folder, ".env")), changeType: vscode.FileChangeType.Changed });
};

function active(uri) {
  const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? "";
  return environment(selected.get(folder) ?? "/usr/bin/python3");
}

vscode.commands.registerCommand("python-envs.set", () => {
  picked += 1;
});

exports.select = (folder, executable) => {
  const uri = vscode.Uri.file(folder);
  const old = active(uri);
  if (executable) selected.set(folder, executable);
  changed.fire({ uri, old, new: active(uri) });
};

exports.activate = () => ({
  onDidChangeEnvironment: changed.event,
  async getEnvironment(uri) {
    asked += 1;
    if (!uri) throw new Error("this would look for every Python of the machine");
    return process.env.STAND_IN ? active(uri) : undefined;
  },
  onDidChangeEnvironmentVariables: variablesChanged.event,
  async getEnvironmentVariables(uri) {
    return { ...process.env, ...variables.get(vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath) };
  },
  async resolveEnvironment(uri) {
    return fs.existsSync(path.join(uri.fsPath, "pyvenv.cfg"))
      ? environment(path.join(uri.fsPath, "bin/python3"))
      : undefined;
  },
  async setEnvironment(uri, wanted) {
    exports.select(vscode.workspace.getWorkspaceFolder(uri).uri.fsPath, wanted.execInfo.run.executable);
  },
  select: (folder, executable) => exports.select(folder, executable),
  setVariables: (folder, its) => exports.setVariables(folder, its),
  picked: () => picked,
  asked: () => asked,
});
