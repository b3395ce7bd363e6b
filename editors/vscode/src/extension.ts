// The extension: what is made when the first Python file is shown, and what is taken down at the end.
//
// Invariant: nothing is decided here.

import * as vscode from "vscode";
import { Commands } from "./commands";
import { Environments } from "./environments";
import { Interpreters } from "./interpreters";
import { Mismatch } from "./mismatch";
import { RUN_IN_TERMINAL, SECTION } from "./protocol";
import { Server, wantedLog } from "./server";
import { Status } from "./status";
import { runInTerminal } from "./terminal";

/** For tests; nobody else is promised anything. */
export interface Exports {
  server: Server;
  environments: Environments;
  status: Status;
}

let server: Server | undefined;
let log: vscode.LogOutputChannel | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<Exports> {
  const channel = vscode.window.createOutputChannel("fromwhere", { log: true });
  log = channel;
  const environments = new Environments();
  const interpreters = new Interpreters(channel);
  const running = new Server(context.extensionPath, channel, environments, interpreters);
  server = running;
  const status = new Status(running, environments);
  const commands = new Commands(context.extension.packageJSON.version, running, environments, interpreters);
  let logged = wantedLog(channel.logLevel);

  const register = (name: string, run: (...words: unknown[]) => unknown) =>
    vscode.commands.registerCommand(`${SECTION}.${name}`, run);
  context.subscriptions.push(
    environments,
    interpreters,
    running,
    status,
    register("showRoots", () => commands.showRoots()),
    register("explainImport", () => commands.explainImport()),
    register("selectInterpreter", () => commands.selectInterpreter()),
    register("checkAgain", () => commands.checkAgain()),
    register("selectOwn", (file) => commands.selectOwn(file instanceof vscode.Uri ? file : undefined)),
    vscode.languages.registerCodeActionsProvider({ scheme: "file" }, new Mismatch(environments, interpreters), {
      providedCodeActionKinds: Mismatch.kinds,
    }),
    register("restart", () => running.restart()),
    register("showLogs", () => channel.show()),
    register("copyDebugInformation", () => commands.copyDebugInformation()),
    vscode.commands.registerCommand(RUN_IN_TERMINAL, (line) => runInTerminal(line)),
    vscode.workspace.onDidGrantWorkspaceTrust(() => running.restart()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`${SECTION}.path`)) void running.restart();
    }),
    channel.onDidChangeLogLevel((level) => {
      // The server is told at its start how much to log.
      if (wantedLog(level) === logged) return;
      logged = wantedLog(level);
      void running.restart();
    }),
  );
  await running.restart();
  return { server: running, environments, status };
}

/**
 * VS Code waits for this: the server ends before the window is gone. It throws away the subscriptions at the same time, so that
 * the log is none of them: what happens at the end is written down, too.
 */
export async function deactivate(): Promise<void> {
  await server?.stop();
  log?.dispose();
}
