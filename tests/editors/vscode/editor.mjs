// A real VS Code: code-server and a browser. In: what the installation is and what to show. Out: a page of the workbench, or
// the end of a suite that ran inside the extension host.
//
// Nothing leaves the machine: every request that does not go to the server itself is refused.

import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";

const SETTINGS = {
  "chat.commandCenter.enabled": false,
  "chat.disableAIFeatures": true,
  "editor.accessibilitySupport": "off",
  "editor.lightbulb.enabled": "on",
  "editor.minimap.enabled": false,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "files.autoSave": "off",
  "git.enabled": false,
  "security.workspace.trust.banner": "never",
  "security.workspace.trust.startupPrompt": "never",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "window.commandCenter": false,
  "workbench.enableExperiments": false,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

/** How long `2026-11-27 21:37:52.685` is, with which each entry of a log begins. */
const TIME = 23;

const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

/** Starts a browser; `place` is where code-server and playwright-core are installed. */
export async function startBrowser(place) {
  const { chromium } = createRequire(path.join(place, "package.json"))("playwright-core");
  return chromium.launch({ executablePath: process.env.CHROMIUM, headless: true, args: CHROMIUM_FLAGS });
}

/** What code-server is run with: a home of its own, and no marketplace. */
function environment(work, more = {}) {
  return {
    ...process.env,
    HOME: work,
    XDG_CONFIG_HOME: path.join(work, "config"),
    XDG_DATA_HOME: path.join(work, "share"),
    VSCODE_IPC_HOOK_CLI: "",
    EXTENSIONS_GALLERY: '{"serviceUrl":"http://127.0.0.1:9"}',
    ...more,
  };
}

/** Installs a packaged extension as a user does, and returns the folder of extensions. */
export function install(place, node, work, vsix) {
  const extensions = path.join(work, "extensions");
  fs.mkdirSync(work, { recursive: true });
  fs.writeFileSync(path.join(work, "config.yaml"), "auth: none\n");
  execFileSync(
    node,
    [
      path.join(place, "node_modules/code-server/out/node/entry.js"),
      ...["--config", path.join(work, "config.yaml"), "--user-data-dir", path.join(work, "data")],
      ...["--extensions-dir", extensions, "--install-extension", vsix],
    ],
    { env: environment(work), stdio: ["ignore", "pipe", "inherit"], timeout: 120_000 },
  );
  return extensions;
}

/** Copies a folder with an extension to where VS Code finds it at its first start. */
export function addExtension(extensions, folder) {
  const { publisher, name, version } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  fs.cpSync(folder, path.join(extensions, `${publisher}.${name}-${version}`), { recursive: true });
}

export class CodeServer {
  /** Starts one in the folder `work`. `trust`: whether workspaces have to be trusted first. */
  static async start({ place, node, work, extensions, settings = {}, trust = false, variables = {} }) {
    fs.mkdirSync(path.join(work, "data/User"), { recursive: true });
    const all = { ...SETTINGS, "security.workspace.trust.enabled": trust, ...settings };
    fs.writeFileSync(path.join(work, "data/User/settings.json"), JSON.stringify(all, undefined, 2));
    fs.writeFileSync(path.join(work, "config.yaml"), "auth: none\n");
    const child = spawn(
      node,
      [
        path.join(place, "node_modules/code-server/out/node/entry.js"),
        ...["--auth", "none", "--bind-addr", "127.0.0.1:0", "--config", path.join(work, "config.yaml")],
        ...["--user-data-dir", path.join(work, "data"), "--extensions-dir", extensions],
        ...["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"],
        ...(trust ? [] : ["--disable-workspace-trust"]),
      ],
      { env: environment(work, variables), detached: true, stdio: ["ignore", "pipe", "pipe"] },
    );
    let said = "";
    const port = await new Promise((resolve, reject) => {
      const listen = (text) => {
        said += text;
        const found = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(said);
        if (found) resolve(Number(found[1]));
      };
      child.stdout.on("data", listen);
      child.stderr.on("data", listen);
      child.on("exit", (code) => reject(new Error(`code-server ended with ${code}\n${said}`)));
      setTimeout(() => reject(new Error(`code-server does not listen\n${said}`)), 60_000).unref();
    });
    return new CodeServer(child, port, path.join(work, "data/logs"));
  }

  constructor(child, port, logs) {
    this.child = child;
    this.port = port;
    this.logs = logs;
  }

  /**
   * What was logged as an error by our extension or its server, or by VS Code about them, each with what stands below it: the
   * stack. Where a suite says that it kills the server, what follows is of its own doing.
   */
  complaints() {
    const files = fs.readdirSync(this.logs, { recursive: true }).filter((file) => file.endsWith(".log"));
    const entries = files.flatMap((file) => {
      const text = fs.readFileSync(path.join(this.logs, file), "utf8");
      const its = text.split(/^(?=\d{4}-\d\d-\d\d )/m).map((entry) => ({ time: entry.slice(0, TIME), file, entry }));
      return its.filter(({ entry }) => /fromwhere\.log$/.test(file) || /fromwhere\.fromwhere/.test(entry));
    });
    const killed = entries.find(({ entry }) => entry.includes("The test kills the server"))?.time ?? "9";
    const errors = entries.filter(({ entry, time }) => entry.includes("[error]") && time < killed);
    return errors.map(({ file, entry }) => `${file}: ${entry}`);
  }

  remote(file) {
    return `vscode-remote://127.0.0.1:${this.port}${file}`;
  }

  /** Opens a folder or a `.code-workspace` file in a new page. */
  async open(browser, target, payload = []) {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const page = await context.newPage();
    await context.route("**/*", (route) => {
      const url = route.request().url();
      return /^((https?|wss?):\/\/127\.0\.0\.1[:/]|data:|blob:)/.test(url) ? route.continue() : route.abort();
    });
    const kind = target.endsWith(".code-workspace") ? "workspace" : "folder";
    const query = new URLSearchParams({ [kind]: target, payload: JSON.stringify(payload) });
    return { page, context, show: () => page.goto(`http://127.0.0.1:${this.port}/?${query}`) };
  }

  /** Ends it at once, and with it every extension host. */
  async end(signal = "SIGTERM") {
    const ended = new Promise((resolve) => this.child.on("exit", resolve));
    try {
      process.kill(-this.child.pid, signal);
    } catch {
      return;
    }
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 3000).unref())]);
  }
}

/**
 * Runs in the page: newer VS Code takes a suite from the address only with its own test driver switched on. With it VS Code
 * keeps its questions to itself, so it is off where somebody looks.
 */
function allowTests() {
  const get = Element.prototype.getAttribute;
  Element.prototype.getAttribute = function (name) {
    const value = get.call(this, name);
    if (name !== "data-settings" || this.id !== "vscode-workbench-web-configuration" || !value) return value;
    const settings = JSON.parse(value);
    const developmentOptions = { ...settings.developmentOptions, enableSmokeTestDriver: true };
    return JSON.stringify({ ...settings, developmentOptions });
  };
}

/** Runs a suite inside the extension host on `target`; returns its exit code and what it printed. */
export async function runSuite(browser, server, { target, extension, suite, seconds = 300 }) {
  const { page, context, show } = await server.open(browser, target, [
    ["extensionDevelopmentPath", server.remote(extension)],
    ["extensionTestsPath", server.remote(suite)],
    ["skipWelcome", "true"],
    ["skipReleaseNotes", "true"],
  ]);
  const lines = [];
  try {
    await page.addInitScript(allowTests);
    await page.exposeFunction("codeAutomationLog", (_kind, words) => {
      const text = words.join(" ");
      lines.push(text);
      // The workbench's own log comes this way too.
      if (process.env.VERBOSE || /^(ok {3}|FAIL|\d+ passed| {2})/.test(text)) console.log(text);
    });
    const ended = new Promise((resolve) => page.exposeFunction("codeAutomationExit", resolve));
    await show();
    const late = new Promise((_, reject) => {
      setTimeout(() => reject(new Error(`the suite did not end within ${seconds} s`)), seconds * 1000).unref();
    });
    const code = await Promise.race([ended, late]);
    return { code, lines };
  } catch (error) {
    console.log(`FAIL ${error.stack}\n${lines.slice(-40).join("\n")}`);
    return { code: 1, lines };
  } finally {
    await context.close();
  }
}
