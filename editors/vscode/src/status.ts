// What is to be seen of the environment while Python is edited: the language status, and the status bar where something is
// wrong. In: what the server said of the environment. Out: two items.
//
// Invariant: silent when all is well; one place says it, and says what the server said.

import * as path from "node:path";
import * as vscode from "vscode";
import type { Environments } from "./environments";
import { type EnvironmentStatus, SECTION } from "./protocol";
import { PYTHON, type Server } from "./server";

/** What one file is told about its environment. */
export interface Shown {
  text: string;
  /** What is wrong with an environment that runs: the status bar says that instead. */
  problem?: string;
  detail: string;
  severity: "ok" | "warning" | "error";
  busy: boolean;
  /** Whether a click shows the log; else the import roots. */
  isAboutServer: boolean;
}

export class Status implements vscode.Disposable {
  /** What is shown now, and in the status bar where it is to be seen there. */
  shown: Shown | undefined;
  inStatusBar: string | undefined;

  private readonly language = vscode.languages.createLanguageStatusItem(`${SECTION}.environment`, PYTHON);
  private readonly bar: vscode.StatusBarItem;
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly server: Server,
    private readonly environments: Environments,
  ) {
    this.language.name = "fromwhere";
    this.bar = vscode.window.createStatusBarItem(`${SECTION}.environment`, vscode.StatusBarAlignment.Right, 90);
    this.bar.name = "Python import environment";
    const render = () => this.render();
    this.subscriptions = [
      this.language,
      this.bar,
      server.onDidChange(render),
      environments.onDidChange(render),
      vscode.window.onDidChangeActiveTextEditor(render),
      vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration(SECTION) && render()),
    ];
    this.render();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private render(): void {
    const document = vscode.window.activeTextEditor?.document;
    const isServed = document && vscode.languages.match(PYTHON, document) > 0;
    this.shown = isServed ? this.about(document.uri) : undefined;
    this.inStatusBar = undefined;
    if (!this.shown) {
      this.bar.hide();
      return;
    }
    const { text, problem, detail, severity, busy, isAboutServer } = this.shown;
    const command = isAboutServer
      ? { title: "Show Logs", command: `${SECTION}.showLogs` }
      : { title: "Show Import Roots", command: `${SECTION}.showRoots` };
    this.language.text = text;
    this.language.detail = detail;
    this.language.busy = busy;
    this.language.command = command;
    this.language.severity = {
      ok: vscode.LanguageStatusSeverity.Information,
      warning: vscode.LanguageStatusSeverity.Warning,
      error: vscode.LanguageStatusSeverity.Error,
    }[severity];

    const wanted = vscode.workspace.getConfiguration(SECTION).get<string>("statusBar", "onWarning");
    if (wanted === "never" || (wanted !== "always" && severity === "ok")) {
      this.bar.hide();
      return;
    }
    this.inStatusBar = problem ?? text;
    this.bar.text = `$(${{ ok: "package", warning: "warning", error: "error" }[severity]}) ${this.inStatusBar}`;
    this.bar.tooltip = detail ? `${text}\n${detail}` : text;
    this.bar.command = command.command;
    this.bar.backgroundColor =
      severity === "ok" ? undefined : new vscode.ThemeColor(`statusBarItem.${severity}Background`);
    this.bar.show();
  }

  private about(uri: vscode.Uri): Shown {
    const { life } = this.server;
    if (life.state === "failed") {
      return {
        text: "fromwhere does not run",
        detail: life.reason,
        severity: "error",
        busy: false,
        isAboutServer: true,
      };
    }
    const status = this.environments.of(uri);
    const busy = life.state !== "running" || life.busy;
    if (!status) return { text: "fromwhere", detail: "", severity: "ok", busy, isAboutServer: true };
    const found = status.roots.filter((root) => root.exists).length;
    const packages = `${status.packages} package${status.packages === 1 ? "" : "s"}`;
    const lines = [status.state === "resolved" ? `${packages}, ${found} import roots` : status.reason, status.warning];
    const isBroken = status.state === "broken";
    return {
      text: isBroken && status.prefix ? `${nameOf(status)} is broken` : shortSummary(status, packages),
      ...(status.warning ? { problem: status.warning } : {}),
      detail: lines.filter((line) => line).join("\n"),
      severity: isBroken ? "error" : status.state === "missing" || status.warning ? "warning" : "ok",
      busy,
      isAboutServer: false,
    };
  }
}

/** The environment's folder as people name it: from the project. */
function nameOf(status: EnvironmentStatus): string {
  const prefix = status.prefix ?? "";
  const relative = path.relative(status.root, prefix);
  return relative && !relative.startsWith("..") ? relative : prefix;
}

/** `.venv · Python 3.13 · 42 packages` without what the detail says anyway. */
function shortSummary(status: EnvironmentStatus, packages: string): string {
  const end = ` · ${packages}`;
  return status.summary.endsWith(end) ? status.summary.slice(0, -end.length) : status.summary;
}
