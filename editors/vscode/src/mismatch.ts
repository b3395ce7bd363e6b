// The way out of working with another environment than the project's own. In: the server's diagnostic about it. Out: a quick
// fix that selects the project's own in the extension that knows interpreters.
//
// Invariant: it is offered only where it helps: that extension has chosen, and the project has an environment.

import * as path from "node:path";
import * as vscode from "vscode";
import type { Environments } from "./environments";
import type { Interpreters } from "./interpreters";
import { SECTION } from "./protocol";

const RULE = "env-mismatch";

export class Mismatch implements vscode.CodeActionProvider {
  static readonly kinds = [vscode.CodeActionKind.QuickFix];

  constructor(
    private readonly environments: Environments,
    private readonly interpreters: Interpreters,
  ) {}

  async provideCodeActions(
    document: vscode.TextDocument,
    _range: vscode.Range,
    context: vscode.CodeActionContext,
  ): Promise<vscode.CodeAction[]> {
    const about = context.diagnostics.filter((it) => it.source === SECTION && codeOf(it) === RULE);
    const status = about.length > 0 ? this.environments.of(document.uri) : undefined;
    const isSet = vscode.workspace.getConfiguration(SECTION, document.uri).get("python");
    if (!status?.own || isSet || !(await this.interpreters.sourceName())) return [];
    const name = path.relative(status.root, status.own) || status.own;
    const title = `Select \`${name.startsWith("..") ? status.own : name}\` as the interpreter`;
    const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
    action.diagnostics = about;
    action.isPreferred = true;
    action.command = { title, command: `${SECTION}.selectOwn`, arguments: [document.uri] };
    return [action];
  }
}

function codeOf({ code }: vscode.Diagnostic): unknown {
  return typeof code === "object" ? code.value : code;
}
