// Stands in for the Python extension: the part of its public interface that we use, written from what the npm package
// @vscode/python-extension says of it. Each folder has a selected interpreter of its own; `select` is the test's.
const fs = require("node:fs");
const path = require("node:path");
const vscode = require("vscode");

const changed = new vscode.EventEmitter();
const selected = new Map();
const variablesChanged = new vscode.EventEmitter();
const variables = new Map();
const resolved = [];
let picked = 0;

function folderOf(resource) {
  const uri = resource?.uri ?? resource;
  return uri ? (vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? "") : "";
}

function activePath(resource) {
  return selected.get(folderOf(resource)) ?? "/usr/bin/python3";
}

vscode.commands.registerCommand("python.setInterpreter", () => {
  picked += 1;
});

/** Selects an interpreter for a folder, as a user does; `undefined` tells of a change that is none. */
exports.select = (folder, executable) => {
  if (executable) selected.set(folder, executable);
  const resource = vscode.workspace.workspaceFolders.find((it) => it.uri.fsPath === folder);
  const now = activePath(resource);
  changed.fire({ id: now, path: now, resource });
};

/** What a `.env` says, in the place of the real one's file. */
exports.setVariables = (folder, its) => {
  variables.set(folder, its);
  const resource = vscode.workspace.workspaceFolders.find((it) => it.uri.fsPath === folder);
  variablesChanged.fire({ resource, env: its });
};

exports.activate = () => ({
  ready: Promise.resolve(),
  environments: {
    known: [],
    getActiveEnvironmentPath: (resource) => ({ id: activePath(resource), path: activePath(resource) }),
    onDidChangeActiveEnvironmentPath: changed.event,
    getEnvironmentVariables: (resource) => ({ ...process.env, ...variables.get(folderOf(resource)) }),
    onDidEnvironmentVariablesChange: variablesChanged.event,
    /** As the real one: an interpreter's path or an environment's folder. */
    async updateActiveEnvironmentPath(environment, resource) {
      const isFolder = fs.existsSync(path.join(environment, "pyvenv.cfg"));
      exports.select(folderOf(resource), isFolder ? path.join(environment, "bin/python3") : environment);
    },
    async resolveEnvironment(environment) {
      const executable = typeof environment === "string" ? environment : environment.path;
      resolved.push(executable);
      const prefix = path.dirname(path.dirname(executable));
      const isVirtual = fs.existsSync(path.join(prefix, "pyvenv.cfg"));
      return {
        id: executable,
        path: executable,
        executable: { uri: vscode.Uri.file(executable), bitness: "64-bit", sysPrefix: prefix },
        environment: isVirtual
          ? { type: "VirtualEnvironment", name: path.basename(prefix), folderUri: vscode.Uri.file(prefix) }
          : undefined,
        version: {
          major: 3,
          minor: 11,
          micro: 0,
          release: { level: "final", serial: 0 },
          sysVersion: "3.11.0",
        },
        tools: [],
      };
    },
  },
  select: (folder, executable) => exports.select(folder, executable),
  setVariables: (folder, its) => exports.setVariables(folder, its),
  /** How often its picker was opened. */
  picked: () => picked,
  /** How often it was asked for an environment. */
  asked: () => resolved.length,
});
