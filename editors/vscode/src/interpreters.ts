// The interpreter that is selected in VS Code, and the variables of `.env` files that it is run with. In: the Python
// Environments extension, else the Python extension, where one of them is there. Out: what the server is told, in the shape
// that ty's extension introduced, and when it changes.
//
// Invariant: neither extension is needed, waited for for long, or asked for a discovery of everything; what fails there
// is logged, and counts as nothing selected.

import * as path from "node:path";
import type { PythonEnvironmentApi } from "@vscode/python-environments";
import type { PythonExtension } from "@vscode/python-extension";
import * as vscode from "vscode";

export interface ActiveEnvironment {
  executable: { uri: string | null; sysPrefix: string | null };
  environment: { folderUri: string; name: string | null; type: string | null } | null;
  version: { major: number; minor: number; patch: number; sysVersion: string } | null;
}

/** What Python itself is told by `.env`, where that is another thing than what this process has; null: it is not set. */
export type PythonVariables = Record<string, string | null>;

/** What the server is told of a folder, below `pythonExtension`. */
export interface Selected {
  activeEnvironment?: ActiveEnvironment;
  environmentVariables?: PythonVariables;
}

type AllVariables = Readonly<Record<string, string | undefined>>;

/** One extension that knows which interpreter is selected. */
interface Source {
  name: string;
  selected(scope: vscode.Uri | undefined): Promise<ActiveEnvironment | undefined>;
  /** What it runs Python with in a folder: this process's variables, and above them those of `.env` files. */
  variables(scope: vscode.Uri): Promise<AllVariables | undefined>;
  /** Selects an environment by its folder. */
  select(scope: vscode.Uri, folder: string): Promise<void>;
  onDidChange(listener: () => void): vscode.Disposable;
}

const ENVIRONMENTS = "ms-python.vscode-python-envs";
const PYTHON = "ms-python.python";

/** How long an answer to the server waits for the other extension: less than the server waits for us. */
const PATIENCE = 300;

export class Interpreters implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** Fires when what `selected` returned is no longer so. */
  readonly onDidChange = this.changed.event;

  private source: Promise<Source | undefined>;
  private subscriptions: vscode.Disposable[] = [];
  /** What was answered last, as JSON, for each scope that was asked about. */
  private readonly told = new Map<string, string>();

  constructor(private readonly log: vscode.LogOutputChannel) {
    this.source = this.connect();
    this.subscriptions.push(
      // One of them was installed, enabled or removed.
      vscode.extensions.onDidChange(async () => {
        const known = (await this.source)?.name;
        this.source = this.connect();
        if ((await this.source)?.name !== known) await this.compare();
      }),
    );
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changed.dispose();
  }

  /** The name of the extension that is asked. */
  async sourceName(): Promise<string | undefined> {
    return (await this.source)?.name;
  }

  /**
   * Returns what is selected for a folder, as far as that is known within a moment. What becomes known later is a change.
   */
  async selected(scope: vscode.Uri | undefined): Promise<Selected | undefined> {
    const key = scope?.toString() ?? "";
    const asked = this.ask(scope);
    const answer = await Promise.race([asked, after(PATIENCE)]);
    if (answer !== "late") {
      this.told.set(key, JSON.stringify(answer));
      return answer;
    }
    this.told.set(key, JSON.stringify(undefined));
    void asked.then((late) => late && this.compare());
    return undefined;
  }

  /** Selects an environment for the folder that a file lies in, as the picker of the other extension does. */
  async select(scope: vscode.Uri, folder: string): Promise<void> {
    const source = await this.source;
    if (!source) throw new Error("there is no extension that selects interpreters");
    await source.select(vscode.workspace.getWorkspaceFolder(scope)?.uri ?? scope, folder);
  }

  private async ask(scope: vscode.Uri | undefined): Promise<Selected | undefined> {
    const source = await this.source;
    const orNothing = <T>(what: string, asked: Promise<T> | undefined) =>
      asked?.catch((error) => {
        this.log.warn(`${what}: ${error}`);
        return undefined;
      });
    // A `.env` lies in the workspace: where nobody trusts that, it has no say.
    const isHeard = scope && vscode.workspace.isTrusted;
    const [activeEnvironment, all] = await Promise.all([
      orNothing("The selected interpreter is not known", source?.selected(scope)),
      orNothing("The variables of `.env` are not known", isHeard ? source?.variables(scope) : undefined),
    ]);
    const environmentVariables = ofPython(all);
    if (!activeEnvironment && !environmentVariables) return undefined;
    return { ...(activeEnvironment && { activeEnvironment }), ...(environmentVariables && { environmentVariables }) };
  }

  /** Fires if the answer is another one by now. Both extensions also tell of changes that are none. */
  private async compare(): Promise<void> {
    for (const [key, told] of this.told) {
      const now = await this.ask(key === "" ? undefined : vscode.Uri.parse(key));
      if (JSON.stringify(now) !== told) {
        this.changed.fire();
        return;
      }
    }
  }

  private async connect(): Promise<Source | undefined> {
    for (const [id, understand] of [
      [ENVIRONMENTS, fromEnvironments],
      [PYTHON, fromPython],
    ] as const) {
      const extension = vscode.extensions.getExtension(id);
      if (!extension) continue;
      try {
        // Without `python.useEnvironmentsExtension`, the first of them has nothing to say.
        const api = await extension.activate();
        const source = api && (await understand(api));
        if (!source) continue;
        this.subscriptions.push(source.onDidChange(() => void this.compare()));
        this.log.info(`The selected interpreter is asked of ${source.name}`);
        return source;
      } catch (error) {
        this.log.warn(`${id} cannot be asked: ${error}`);
      }
    }
    return undefined;
  }
}

async function fromEnvironments(api: PythonEnvironmentApi): Promise<Source | undefined> {
  if (!api.getEnvironment || !api.onDidChangeEnvironment) return undefined;
  return {
    name: ENVIRONMENTS,
    async selected(scope) {
      // Without a folder it would look for every Python of the machine.
      const environment = scope && (await api.getEnvironment(scope));
      if (!environment) return undefined;
      const executable = environment.execInfo?.run?.executable;
      const isPath = executable && path.isAbsolute(executable);
      return {
        executable: {
          uri: isPath ? vscode.Uri.file(executable).toString() : null,
          sysPrefix: environment.sysPrefix || null,
        },
        environment: {
          folderUri: environment.environmentPath.toString(),
          name: environment.name,
          type: environment.envId.managerId,
        },
        version: versionOf(environment.version),
      };
    },
    // Older versions of both extensions tell no variables.
    async variables(scope) {
      return api.getEnvironmentVariables?.(scope);
    },
    async select(scope, folder) {
      const environment = await api.resolveEnvironment(vscode.Uri.file(folder));
      if (!environment) throw new Error(`${folder} is no environment to ${ENVIRONMENTS}`);
      await api.setEnvironment(scope, environment);
    },
    onDidChange: (listener) =>
      both(api.onDidChangeEnvironment(listener), api.onDidChangeEnvironmentVariables?.(listener)),
  };
}

async function fromPython(api: PythonExtension): Promise<Source | undefined> {
  await api.ready;
  const { environments } = api;
  return {
    name: PYTHON,
    async selected(scope) {
      const environment = await environments.resolveEnvironment(environments.getActiveEnvironmentPath(scope));
      if (!environment) return undefined;
      const { version } = environment;
      return {
        executable: {
          uri: environment.executable.uri?.toString() ?? null,
          sysPrefix: environment.executable.sysPrefix || null,
        },
        environment: environment.environment
          ? {
              folderUri: environment.environment.folderUri.toString(),
              name: environment.environment.name ?? null,
              type: environment.environment.type,
            }
          : null,
        version: version
          ? { major: version.major, minor: version.minor, patch: version.micro, sysVersion: version.sysVersion }
          : null,
      };
    },
    async variables(scope) {
      return environments.getEnvironmentVariables?.(scope);
    },
    select: (scope, folder) => environments.updateActiveEnvironmentPath(folder, scope),
    onDidChange: (listener) =>
      both(
        environments.onDidChangeActiveEnvironmentPath(listener),
        environments.onDidEnvironmentVariablesChange?.(listener),
      ),
  };
}

/** Of all variables those that Python itself reads, where they differ: nothing else of a `.env` leaves this process. */
function ofPython(all: AllVariables | undefined): PythonVariables | undefined {
  if (!all) return undefined;
  const names = new Set([...Object.keys(all), ...Object.keys(process.env)].filter((name) => name.startsWith("PYTHON")));
  const differing = [...names].sort().filter((name) => (all[name] ?? "") !== (process.env[name] ?? ""));
  if (differing.length === 0) return undefined;
  return Object.fromEntries(differing.map((name) => [name, all[name] || null]));
}

function both(first: vscode.Disposable, second: vscode.Disposable | undefined): vscode.Disposable {
  return second ? vscode.Disposable.from(first, second) : first;
}

/** `3.13.1` in numbers. */
function versionOf(text: string): ActiveEnvironment["version"] {
  const [major, minor, patch] = text.split(".").map((part) => Number.parseInt(part, 10));
  if (major === undefined || minor === undefined || Number.isNaN(major) || Number.isNaN(minor)) return null;
  return { major, minor, patch: patch || 0, sysVersion: text };
}

function after(milliseconds: number): Promise<"late"> {
  return new Promise((resolve) => setTimeout(() => resolve("late"), milliseconds));
}
