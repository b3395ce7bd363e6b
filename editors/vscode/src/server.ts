// The life of the server: started, started again, ended. In: settings, trust, the selected interpreter. Out: one language
// client at most, and what it says about environments.
//
// Invariant: one start or end at a time, in the order they were asked for; a server that is no longer wanted is ended
// before the next one starts.

import * as os from "node:os";
import * as readline from "node:readline";
import type { Readable } from "node:stream";
import * as vscode from "vscode";
import {
  CloseAction,
  type ConfigurationItem,
  type ConfigurationParams,
  DidChangeConfigurationNotification,
  ErrorAction,
  type ErrorHandler,
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
  type MessageSignature,
  RevealOutputChannelOn,
  State,
} from "vscode-languageclient/node";
import type { Environments } from "./environments";
import type { Interpreters } from "./interpreters";
import { findProgram, type Program } from "./program";
import {
  environmentNotification,
  experimentalCapabilities,
  PROTOCOL_VERSION,
  SECTION,
  serverStatusNotification,
} from "./protocol";

/** Python wherever it is edited, and the files that say something about an environment. */
export const PYTHON: { scheme: string; language?: string; pattern?: string }[] = [
  { scheme: "file", language: "python" },
  { scheme: "vscode-notebook-cell", language: "python" },
  { scheme: "file", pattern: "**/{pyproject.toml,pyvenv.cfg}" },
];

/** What is sent to the server: those, and what installs with pip where it is refused. */
const SELECTOR = [
  ...PYTHON,
  ...["dockerfile", "shellscript", "makefile"].map((language) => ({ scheme: "file", language })),
  // Manifests, locks and configurations: what is said there has quick fixes.
  { scheme: "file", pattern: "**/{setup.cfg,Pipfile,Pipfile.lock,environment.yml,environment.yaml}" },
  { scheme: "file", pattern: "**/{requirements*.txt,requirements/*.txt,constraints*.txt,.python-version}" },
  { scheme: "file", pattern: "**/{uv.lock,poetry.lock,pdm.lock,pylock.toml,pylock.*.toml}" },
  { scheme: "file", pattern: "**/{fromwhere.toml,ty.toml,mypy.ini,.mypy.ini,pyrightconfig.json}" },
  // What CI services run.
  { scheme: "file", pattern: "**/{.github,.forgejo,.gitea}/workflows/*.{yml,yaml}" },
  { scheme: "file", pattern: "**/{.github,.forgejo,.gitea}/**/action.{yml,yaml}" },
  { scheme: "file", pattern: "**/{.circleci/config.yml,.woodpecker/*.yml,.woodpecker/*.yaml}" },
  { scheme: "file", pattern: "**/{.gitlab-ci,.travis,.drone,.woodpecker,.azure-pipelines,azure-pipelines}.yml" },
  { scheme: "file", pattern: "**/{bitbucket-pipelines.yml,.woodpecker.yaml}" },
  { scheme: "file", pattern: "**/{.cirrus,.readthedocs}.{yml,yaml}" },
  { scheme: "file", pattern: "**/{Jenkinsfile,Jenkinsfile.*,*.jenkinsfile}" },
];

/** How often the server may end by itself within how many milliseconds. */
const MOST_ENDS = 4;
const PATIENCE = 180_000;

export type Life =
  | { state: "stopped" | "starting" }
  | { state: "running"; busy: boolean }
  | { state: "failed"; reason: string };

/** A client that is asked something while it ends has nothing to say, which is no failure. */
class Client extends LanguageClient {
  isEnding = false;

  override handleFailedRequest<T>(
    type: MessageSignature,
    token: vscode.CancellationToken | undefined,
    error: unknown,
    nothing: T,
    ...more: boolean[]
  ): T {
    return this.isEnding ? nothing : super.handleFailedRequest(type, token, error, nothing, ...more);
  }

  /** What the server asks as it ends is answered into nothing, which its connection calls an error. */
  override error(message: string, data?: unknown, showNotification?: boolean | "force"): void {
    if (this.isEnding) super.info(message, data, false);
    else super.error(message, data, showNotification);
  }
}

export class Server implements vscode.Disposable {
  client: Client | undefined;
  program: Program | undefined;
  life: Life = { state: "stopped" };

  private readonly changed = new vscode.EventEmitter<void>();
  /** Fires when `life` is another. */
  readonly onDidChange = this.changed.event;

  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly extension: string,
    private readonly log: vscode.LogOutputChannel,
    private readonly environments: Environments,
    private readonly interpreters: Interpreters,
  ) {
    interpreters.onDidChange(() => this.askAgain());
  }

  dispose(): void {
    this.changed.dispose();
  }

  /** Starts the server, or another one in its place. */
  restart(): Promise<void> {
    return this.inOrder(async () => {
      await this.end();
      await this.begin();
    });
  }

  stop(): Promise<void> {
    return this.inOrder(() => this.end());
  }

  /** Whether the server takes a command. */
  offers(command: string): boolean {
    return this.client?.initializeResult?.capabilities.executeCommandProvider?.commands.includes(command) ?? false;
  }

  async execute(command: string, ...words: unknown[]): Promise<unknown> {
    if (!this.client) throw new Error("the server does not run");
    return this.client.sendRequest(ExecuteCommandRequest.type, { command, arguments: words });
  }

  /** Has the server ask for its settings anew: what only we know is in the answer. */
  private askAgain(): void {
    if (this.client?.isRunning()) {
      void this.client.sendNotification(DidChangeConfigurationNotification.type, { settings: null });
    }
  }

  private inOrder(step: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(step).catch((error) => this.log.error(String(error)));
    return this.queue;
  }

  private become(life: Life): void {
    this.life = life;
    this.changed.fire();
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (!client) return;
    client.isEnding = true;
    // `stop` fails while it is starting; `dispose` does not.
    await client.dispose().catch((error) => this.log.warn(`The server did not end by itself: ${error}`));
    this.environments.clear();
    this.become({ state: "stopped" });
  }

  private async begin(): Promise<void> {
    const found = findProgram({
      configured: vscode.workspace.getConfiguration(SECTION).get<string | null>("path") || undefined,
      isTrusted: vscode.workspace.isTrusted,
      extension: this.extension,
      searchPath: process.env.PATH,
      workspace: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
    });
    if (typeof found === "string") {
      this.program = undefined;
      this.log.error(found);
      this.become({ state: "failed", reason: found });
      return;
    }
    this.program = found;
    const trust = vscode.workspace.isTrusted ? "" : "; the workspace is not trusted";
    this.log.info(`Starting ${found.path} (${found.source}${trust})`);
    this.become({ state: "starting" });
    const client = this.create(found);
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      this.log.error(`${found.path} did not start: ${error}`);
      this.become({ state: "failed", reason: `${found.path} did not start` });
      return;
    }
    const said = client.initializeResult;
    this.log.info(`${said?.serverInfo?.name ?? "The server"} ${said?.serverInfo?.version ?? ""} runs`);
    const version = said?.capabilities.experimental?.fromwhere?.protocolVersion;
    if (version !== PROTOCOL_VERSION) {
      this.log.warn(`The server speaks version ${version} of the protocol, this extension ${PROTOCOL_VERSION}`);
    }
  }

  private create(program: Program): Client {
    const { isTrusted } = vscode.workspace;
    const options: LanguageClientOptions = {
      documentSelector: SELECTOR,
      outputChannel: this.log,
      traceOutputChannel: this.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      diagnosticCollectionName: SECTION,
      initializationOptions: { untrusted: !isTrusted },
      errorHandler: this.startAgain(),
      stdioOptions: { stdout: (stream) => this.copyLog(stream), stderr: (stream) => this.copyLog(stream) },
      middleware: {
        workspace: {
          configuration: async (params, token, next) => {
            const answer = await next(params, token);
            return Array.isArray(answer) ? this.withInterpreters(params, answer) : answer;
          },
        },
      },
    };
    // The program's folder is not the workspace: nothing is looked up beside a file of somebody else.
    const environment = { ...process.env };
    environment.FROMWHERE_LOG ??= wantedLog(this.log.logLevel);
    const client = new Client(
      SECTION,
      "fromwhere",
      { command: program.path, args: ["server"], options: { cwd: os.homedir(), env: environment } },
      options,
    );
    client.registerFeature({
      fillClientCapabilities(capabilities) {
        capabilities.experimental = experimentalCapabilities(isTrusted);
      },
      initialize() {},
      getState: () => ({ kind: "static" }),
      clear() {},
    });
    client.onNotification(environmentNotification, (status) => this.environments.set(status));
    client.onNotification(serverStatusNotification, (status) => {
      if (this.client === client) this.become({ state: "running", busy: !status.quiescent });
    });
    client.onDidChangeState(({ newState }) => {
      if (this.client !== client) return;
      if (newState === State.Running) this.become({ state: "running", busy: false });
      if (newState === State.Starting) this.become({ state: "starting" });
      if (newState === State.Stopped) {
        this.environments.clear();
        this.become({ state: "failed", reason: "the server ended" });
      }
    });
    return client;
  }

  /**
   * A server that ended is started again, a few times. What a pipe says before it is closed counts for nothing: by default
   * the first error of reading is the end, and whether it comes depends on how a server dies.
   */
  private startAgain(): ErrorHandler {
    const ends: number[] = [];
    return {
      error: (error) => {
        this.log.warn(`The connection to the server: ${error.message}`);
        return { action: ErrorAction.Continue };
      },
      closed: () => {
        const now = Date.now();
        ends.push(now);
        const isTooOften = ends.filter((end) => now - end < PATIENCE).length > MOST_ENDS;
        if (isTooOften) return { action: CloseAction.DoNotRestart, message: `The server ended ${MOST_ENDS + 1} times` };
        this.log.warn("The server ended; it is started again");
        return { action: CloseAction.Restart, handled: true };
      },
    };
  }

  private async withInterpreters(params: ConfigurationParams, answer: unknown[]): Promise<unknown[]> {
    const isOutside = ({ section, scopeUri }: ConfigurationItem) =>
      section === SECTION && !scopeUri && (vscode.workspace.workspaceFolders ?? []).length > 0;
    const selected = params.items.map((item) =>
      item.section === SECTION && !isOutside(item)
        ? this.interpreters.selected(item.scopeUri ? vscode.Uri.parse(item.scopeUri) : undefined)
        : undefined,
    );
    return Promise.all(
      answer.map(async (value, index) => {
        const item = params.items[index];
        if (item && isOutside(item)) return ofNoFolder(value as object);
        const pythonExtension = await selected[index];
        return pythonExtension ? { ...(value as object), pythonExtension } : value;
      }),
    );
  }

  /** The server's own log has a level in each line. */
  private copyLog(stream: Readable): void {
    readline.createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", (line) => {
      const [, level, text] = /^\S+Z\s+(ERROR|WARN|INFO|DEBUG|TRACE)\s+(.*)$/.exec(line) ?? [];
      switch (level) {
        case "ERROR":
          return this.log.error(text ?? "");
        case "WARN":
          return this.log.warn(text ?? "");
        case "DEBUG":
          return this.log.debug(text ?? "");
        case "TRACE":
          return this.log.trace(text ?? "");
        default:
          return this.log.info(text ?? line);
      }
    });
  }
}

/**
 * What holds for files outside of every folder. To VS Code the settings of a window's only folder are those of the window, and
 * hold for everything in it; an interpreter of that folder says nothing of another project.
 */
function ofNoFolder(value: object): object {
  if (vscode.workspace.workspaceFile) return value;
  const configuration = vscode.workspace.getConfiguration(SECTION);
  const ofUser = Object.entries(value).map(([key, now]) => {
    const known = configuration.inspect(key);
    return [key, known ? (known.globalValue ?? known.defaultValue ?? null) : now];
  });
  return Object.fromEntries(ofUser);
}

/** What the server is told to log, for what VS Code's "Set Log Level" says; undefined: what it does by itself. */
export function wantedLog(level: vscode.LogLevel): string | undefined {
  if (level === vscode.LogLevel.Trace) return "fromwhere=trace";
  return level === vscode.LogLevel.Debug ? "fromwhere=debug" : undefined;
}
