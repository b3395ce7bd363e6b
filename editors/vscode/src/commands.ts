// The commands of the palette. In: what the user asks for. Out: a page that the server makes, a picker, the clipboard.
//
// Invariant: what cannot be done is said in one line.

import * as os from "node:os";
import * as vscode from "vscode";
import type { Environments } from "./environments";
import type { Interpreters } from "./interpreters";
import { SECTION, SERVER_CHECK_AGAIN, SERVER_EXPLAIN, SERVER_ROOTS } from "./protocol";
import type { Server } from "./server";

export class Commands {
  constructor(
    private readonly version: string,
    private readonly server: Server,
    private readonly environments: Environments,
    private readonly interpreters: Interpreters,
  ) {}

  /** The page of the import roots of the file that is shown. */
  async showRoots(): Promise<void> {
    const document = this.servedDocument();
    if (document) await this.ask(SERVER_ROOTS, { uri: this.uriOf(document) });
  }

  /** Has the server read everything again. */
  async checkAgain(): Promise<void> {
    await this.ask(SERVER_CHECK_AGAIN);
  }

  /** The page about the import under the cursor. */
  async explainImport(): Promise<void> {
    const document = this.servedDocument();
    const at = vscode.window.activeTextEditor?.selection.active;
    if (!document || !at) return;
    const position = { line: at.line, character: at.character };
    await this.ask(SERVER_EXPLAIN, { uri: this.uriOf(document), position });
  }

  /** The picker of the extension that knows interpreters; without one, the setting. */
  async selectInterpreter(): Promise<void> {
    const known = await vscode.commands.getCommands(true);
    const picker = ["python-envs.set", "python.setInterpreter"].find((command) => known.includes(command));
    if ((await this.interpreters.sourceName()) && picker) {
      await vscode.commands.executeCommand(picker);
      return;
    }
    const uri = vscode.window.activeTextEditor?.document.uri;
    const configuration = vscode.workspace.getConfiguration(SECTION, uri);
    const now = configuration.get<string | null>("python") ?? "";
    const wanted = await vscode.window.showInputBox({
      title: "fromwhere: Select Interpreter",
      prompt: "An interpreter or an environment's folder; empty: what the project says",
      placeHolder: ".venv",
      value: now,
    });
    if (wanted === undefined || wanted === now) return;
    const target = vscode.workspace.workspaceFolders
      ? vscode.ConfigurationTarget.WorkspaceFolder
      : vscode.ConfigurationTarget.Global;
    await configuration.update("python", wanted.trim() || undefined, target);
  }

  /** Selects the environment that the project itself has, where the editor works with another one. */
  async selectOwn(file?: vscode.Uri): Promise<void> {
    const uri = file ?? vscode.window.activeTextEditor?.document.uri;
    const own = uri && this.environments.of(uri)?.own;
    if (!uri || !own) {
      void vscode.window.showInformationMessage("fromwhere: the project's own environment is in force here");
      return;
    }
    if (vscode.workspace.getConfiguration(SECTION, uri).get("python")) {
      void vscode.window.showInformationMessage("fromwhere: the setting `fromwhere.python` chooses another one");
      return;
    }
    try {
      await this.interpreters.select(uri, own);
    } catch (error) {
      void vscode.window.showWarningMessage(`fromwhere: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** What a report of a mistake needs, as Markdown. */
  async copyDebugInformation(): Promise<string> {
    const { program, client, life } = this.server;
    const said = client?.initializeResult?.serverInfo;
    const { statusBar, trace, ...settings } = JSON.parse(JSON.stringify(vscode.workspace.getConfiguration(SECTION)));
    const facts: [string, string][] = [
      ["extension", this.version],
      ["server", said ? `${said.name} ${said.version ?? ""}` : "none"],
      ["program", program ? `${program.path} (${program.source})` : "none"],
      ["state", life.state === "failed" ? `failed: ${life.reason}` : life.state],
      ["editor", `${vscode.env.appName} ${vscode.version}${vscode.env.remoteName ? `, ${vscode.env.remoteName}` : ""}`],
      ["system", `${os.type()} ${os.release()} ${os.arch()}`],
      ["workspace trusted", vscode.workspace.isTrusted ? "yes" : "no"],
      ["interpreters asked of", (await this.interpreters.sourceName()) ?? "nobody"],
    ];
    const text = [
      ...facts.map(([name, value]) => `- ${name}: ${value}`),
      "",
      "```json",
      JSON.stringify({ settings, environments: this.environments.all() }, undefined, 2),
      "```",
      "",
    ].join("\n");
    await vscode.env.clipboard.writeText(text);
    void vscode.window.showInformationMessage("fromwhere: the debug information is on the clipboard");
    return text;
  }

  private servedDocument(): vscode.TextDocument | undefined {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.languageId === "python") return document;
    void vscode.window.showInformationMessage("fromwhere: open a Python file first");
    return undefined;
  }

  /** The server does the rest: it makes a page, shows it, and keeps it up to date. */
  private async ask(command: string, ...words: object[]): Promise<void> {
    if (!this.server.offers(command)) {
      const reason = this.server.client?.isRunning() ? "this server is too old for it" : "the server does not run";
      void vscode.window.showWarningMessage(`fromwhere: ${reason}`);
      return;
    }
    try {
      await this.server.execute(command, ...words);
    } catch (error) {
      void vscode.window.showWarningMessage(`fromwhere: ${error instanceof Error ? error.message : error}`);
    }
  }

  private uriOf(document: vscode.TextDocument): string {
    return this.server.client?.code2ProtocolConverter.asUri(document.uri) ?? document.uri.toString();
  }
}
