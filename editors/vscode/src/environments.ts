// What the server said about environments. In: whole states, one for each project or script. Out: the one that holds for
// a file.
//
// Invariant: nothing is made up here; where the server said nothing, there is nothing.

import * as path from "node:path";
import * as vscode from "vscode";
import { placeOf } from "./place";
import type { EnvironmentStatus } from "./protocol";

export class Environments implements vscode.Disposable {
  private readonly known = new Map<string, EnvironmentStatus>();
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;

  dispose(): void {
    this.changed.dispose();
  }

  all(): EnvironmentStatus[] {
    return [...this.known.values()];
  }

  set(status: EnvironmentStatus): void {
    this.known.set(placeOf(status.root), status);
    this.changed.fire();
  }

  clear(): void {
    this.known.clear();
    this.changed.fire();
  }

  /** Returns the state of a file, or of the nearest folder above it. */
  of(uri: vscode.Uri): EnvironmentStatus | undefined {
    for (const place of [fileOf(uri), ...foldersAbove(fileOf(uri))]) {
      const status = this.known.get(placeOf(place));
      if (status) return status;
    }
    return undefined;
  }
}

/** The cell of a notebook has the path of the notebook. */
function fileOf(uri: vscode.Uri): string {
  return uri.with({ scheme: "file", fragment: "", query: "" }).fsPath;
}

function foldersAbove(file: string): string[] {
  const above = path.dirname(file);
  return above === file ? [] : [above, ...foldersAbove(above)];
}
