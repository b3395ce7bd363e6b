// The messages of our own between this extension and the server. protocol.md describes each of them.

import { NotificationType } from "vscode-languageclient/node";

/** Our section of the settings, the id of the language client, and the prefix of all that we contribute. */
export const SECTION = "fromwhere";

/** What `capabilities.experimental.fromwhere.protocolVersion` of a server that we understand says. */
export const PROTOCOL_VERSION = 1;

/** The server's commands; VS Code knows them by these names too, so ours have others. */
export const SERVER_ROOTS = "fromwhere.server.roots";
export const SERVER_EXPLAIN = "fromwhere.server.explain";
export const SERVER_CHECK_AGAIN = "fromwhere.server.checkAgain";

/** The command that a quick fix of the server names to put a command line into a terminal. */
export const RUN_IN_TERMINAL = "fromwhere.runInTerminal";

/** The environment in force for one project: always the whole state. */
export interface EnvironmentStatus {
  /** The project's directory; for a file that names the Python that runs it, the file. */
  root: string;
  state: "resolved" | "broken" | "missing";
  /** `.venv · Python 3.13 · 42 packages` */
  summary: string;
  prefix: string | null;
  interpreter: string | null;
  version: string | null;
  kind: string;
  source: { kind: string; detail: string };
  roots: { path: string; origin: string; exists: boolean; addedBy: string }[];
  packages: number;
  /** What is wrong with it, where it runs all the same. */
  warning?: string | null;
  /** The project's own environment, where the editor has chosen another. */
  own?: string | null;
  reason: string | null;
}

export interface ServerStatus {
  health: "ok" | "warning" | "error";
  /** Whether nothing is being looked up. */
  quiescent: boolean;
  message: string | null;
  environment: string | null;
}

export const environmentNotification = new NotificationType<EnvironmentStatus>("fromwhere/environment");
export const serverStatusNotification = new NotificationType<ServerStatus>("experimental/serverStatus");

/** What we put into `capabilities.experimental`. Only a trusted workspace gets to type into a terminal. */
export function experimentalCapabilities(isTrusted: boolean): object {
  return {
    fromwhere: true,
    serverStatusNotification: true,
    ...(isTrusted ? { commands: { commands: [RUN_IN_TERMINAL] } } : {}),
  };
}
