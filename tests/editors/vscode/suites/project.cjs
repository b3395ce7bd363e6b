// One trusted folder, the demo, and no Python extension: everything that the server tells and does.
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const vscode = require("vscode");
const { check, run, same, soon } = require("./report.cjs");
const { agrees, expected, ofRule, program, shown } = require("./truth.cjs");

const demo = vscode.workspace.workspaceFolders[0].uri.fsPath;
const file = (name) => path.join(demo, "src/catalogue", name);
const extension = () => vscode.extensions.getExtension("fromwhere.fromwhere");
const { server, environments, status } = new Proxy({}, { get: (_, name) => lazily(() => extension().exports[name]) });

/** Stands for an object that is there only after activation. */
function lazily(find) {
  return new Proxy({}, { get: (_, name) => find()[name] });
}

async function show(name) {
  const document = await vscode.workspace.openTextDocument(name);
  await vscode.window.showTextDocument(document);
  return document;
}

/** Where `yaml` is imported. */
function yamlIn(document) {
  const offset = /import (yaml)\b/.exec(document.getText());
  const start = document.positionAt(offset.index + "import ".length);
  return new vscode.Range(start, start.translate(0, "yaml".length));
}

/** Nobody else offers quick fixes here. */
function actions(document) {
  return vscode.commands.executeCommand("vscode.executeCodeActionProvider", document.uri, yamlIn(document), "quickfix");
}

async function replaceIn(name, from, to) {
  const before = fs.readFileSync(name, "utf8");
  check(before.includes(from), `${path.basename(name)} has \`${from}\``, before);
  fs.writeFileSync(name, before.replace(from, to));
}

const sitePackages = () =>
  path.join(demo, ".venv/lib", fs.readdirSync(path.join(demo, ".venv/lib"))[0], "site-packages");

/** How many processes run a program, as the system sees them. */
function processes(of) {
  return fs
    .readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => {
      try {
        return fs.readlinkSync(`/proc/${entry}/exe`) === of;
      } catch {
        return false;
      }
    }).length;
}

const parts = {
  async activation() {
    for (const name of ["__init__.py", "__main__.py", "shelves.py", "accented.py", "books.py"]) await show(file(name));
    await soon("a Python file activates the extension", () => extension()?.isActive);
    await soon(
      "the server runs",
      () => server.life.state === "running",
      () => server.life,
    );
    same(server.program.source, "bundled", "it is the one inside the package");
    check(program().startsWith(extension().extensionPath), "which lies in the extension's folder", program());
    same(processes(program()), 1, "one server runs");
  },

  async diagnostics() {
    const lines = ofRule(await agrees("at first", demo), "import-from-os");
    check(lines.length >= 2, "and that has `yaml` of Debian in it", lines);
    const accented = lines.find((line) => line.startsWith(file("accented.py")));
    check(accented?.includes(":1:23-1:27 "), "at code points 23 to 27 after non-ASCII text", lines);
    const [diagnostic] = vscode.languages.getDiagnostics(vscode.Uri.file(file("books.py")));
    check(diagnostic.code.target.toString().endsWith("/import-from-os.md"), "the code links to its page", diagnostic);
    check(diagnostic.relatedInformation.length > 0, "further places are named", diagnostic);
  },

  async hover() {
    const document = await show(file("accented.py"));
    const [hover] = await vscode.commands.executeCommand(
      "vscode.executeHoverProvider",
      document.uri,
      yamlIn(document).start,
    );
    const text = hover?.contents.map((it) => it.value).join("\n") ?? "";
    check(text.includes("python3-yaml"), "hover names the Debian package", text);
    check(text.includes("dist-packages/yaml/__init__.py"), "and the file", text);
    check(hover.range.isEqual(yamlIn(document)), "and is about the name, after non-ASCII text", hover.range);
  },

  async status() {
    await show(file("books.py"));
    const said = await soon("the status is that of this project", () =>
      environments.of(vscode.Uri.file(file("books.py"))),
    );
    same([said.root, said.state], [demo, "resolved"], "with its root, resolved");
    await soon(
      "the language status names the environment",
      () => /^\.venv · Python 3\.\d+$/.test(status.shown?.text),
      () => status.shown,
    );
    same(status.shown.severity, "ok", "all is well with it");
    same(status.inStatusBar, undefined, "so the status bar is silent");
    await vscode.workspace.getConfiguration("fromwhere").update("statusBar", "always");
    await soon(
      "unless it is wanted always",
      () => status.inStatusBar?.startsWith(".venv"),
      () => status.inStatusBar,
    );
    await vscode.workspace.getConfiguration("fromwhere").update("statusBar", undefined);
    await soon("and silent again", () => status.inStatusBar === undefined);
    await show(path.join(demo, "books.yaml"));
    await soon(
      "nothing is shown for other files",
      () => status.shown === undefined,
      () => status.shown,
    );
    await show(file("books.py"));
  },

  async "outside changes"() {
    const before = await agrees("before", demo);
    const packages = sitePackages();
    const write = (name, text) => {
      fs.mkdirSync(path.dirname(path.join(packages, name)), { recursive: true });
      fs.writeFileSync(path.join(packages, name), text);
    };

    execFileSync(path.join(demo, "../pip.sh"), ["install"], { cwd: demo, stdio: "pipe" });
    same(
      ofRule(await agrees("`pip install` of PyYAML", demo), "import-from-os"),
      [],
      "and `yaml` is no longer of Debian",
    );
    execFileSync(path.join(demo, "../pip.sh"), ["uninstall"], { cwd: demo, stdio: "pipe" });
    same(await agrees("`pip uninstall`", demo), before, "and all is as before");

    write("yaml/__init__.py", "");
    same(ofRule(await agrees("a folder copied into .venv", demo), "import-from-os"), [], "and that counts too");
    fs.rmSync(path.join(packages, "yaml"), { recursive: true });
    same(await agrees("and removed", demo), before, "and all is as before");

    const cfg = path.join(demo, ".venv/pyvenv.cfg");
    await replaceIn(cfg, "include-system-site-packages = true", "include-system-site-packages = false");
    const lines = await agrees("system packages switched off in pyvenv.cfg", demo);
    check(ofRule(lines, "import-found-elsewhere").length >= 1, "and `yaml` is found elsewhere only", lines);
    await replaceIn(cfg, "include-system-site-packages = false", "include-system-site-packages = true");
    same(await agrees("and on again", demo), before, "and all is as before");

    fs.renameSync(path.join(demo, ".venv"), path.join(demo, "../put-aside"));
    const without = await agrees(".venv gone", demo);
    check(JSON.stringify(without) !== JSON.stringify(before), "and that says something else", without);
    await soon(
      "the status says so",
      () => status.shown && !status.shown.text.startsWith(".venv"),
      () => status.shown,
    );
    execFileSync("/usr/bin/python3", ["-m", "venv", "--system-site-packages", "--without-pip", ".venv"], { cwd: demo });
    fs.cpSync(path.join(demo, "../put-aside/lib"), path.join(demo, ".venv/lib"), { recursive: true });
    same(await agrees(".venv created again", demo), before, "and all is as before");
    await soon(
      "and the status too",
      () => status.shown?.text.startsWith(".venv · Python 3"),
      () => status.shown,
    );
  },

  async "a broken environment"() {
    const before = await agrees("whole", demo);
    const python = path.join(demo, ".venv/bin/python3");
    const target = fs.readlinkSync(python);
    fs.rmSync(python);
    fs.symlinkSync("/nowhere/python3", python);
    const lines = await agrees("its Python gone", demo);
    check(ofRule(lines, "venv-interpreter-missing").length >= 1, "and that is an error", lines);
    await soon(
      "the status bar says it",
      () => status.inStatusBar === ".venv is broken",
      () => status.shown,
    );
    same(status.shown.severity, "error", "as an error");
    check(status.shown.detail.length > 10, "with the reason", status.shown);
    fs.rmSync(python);
    fs.symlinkSync(target, python);
    same(await agrees("and back", demo), before, "and all is as before");
    await soon(
      "the status bar is silent again",
      () => status.inStatusBar === undefined,
      () => status.shown,
    );
  },

  async "an environment that runs, with something wrong"() {
    const wanted = path.join(demo, ".python-version");
    fs.writeFileSync(wanted, "3.6\n");
    const lines = await agrees("another Python is asked for", demo);
    const message = ofRule(lines, "python-outside-requires")[0]?.split("] ")[1];
    await soon(
      "the status bar says what is wrong, in the words of the diagnostic",
      () => message && status.inStatusBar === message,
      () => [status.inStatusBar, message],
    );
    same(status.shown.severity, "warning", "as a warning");
    check(
      /^\.venv · Python 3\.\d+$/.test(status.shown.text),
      "the language status says what is in force",
      status.shown,
    );
    fs.rmSync(wanted);
    await soon("and is silent again", () => status.inStatusBar === undefined);
  },

  async "files that nobody has opened"() {
    const place = file("closed.py");
    const said = () => {
      const found = vscode.languages.getDiagnostics(vscode.Uri.file(place));
      return found.map((it) => `${it.range.start.line + 1} ${it.code.value}`).sort();
    };
    const agree = async (what) => {
      const lines = expected(demo).filter((line) => line.startsWith(`${place}:`));
      const wanted = lines.map((line) => line.replace(/^.*?:(\d+):.*? \w+\[(.+?)\].*$/, "$1 $2")).sort();
      await soon(
        what,
        () => JSON.stringify(said()) === JSON.stringify(wanted),
        () => ({ said: said(), wanted }),
      );
      return wanted;
    };
    fs.writeFileSync(place, "import yaml\nimport os\n");
    same(said(), [], "are not looked at");
    const configuration = () =>
      vscode.workspace.getConfiguration("fromwhere", vscode.workspace.workspaceFolders[0].uri);
    await configuration().update("diagnostics", "workspace", vscode.ConfigurationTarget.WorkspaceFolder);
    same(await agree("unless that is asked for"), ["1 import-from-os"], "as `fromwhere check` does");
    fs.writeFileSync(place, "import os\n\nimport yaml\n");
    same(await agree("one is written to"), ["3 import-from-os"], "and its diagnostic moves");
    fs.rmSync(place);
    same(await agree("one is deleted"), [], "and has none");
    check(!vscode.workspace.textDocuments.some((it) => it.uri.fsPath === place), "nobody has opened it");
    await configuration().update("diagnostics", undefined, vscode.ConfigurationTarget.WorkspaceFolder);
    await agrees("and without that", demo);
  },

  async "quick fixes"() {
    let document = await show(file("accented.py"));
    const ignore = (await actions(document)).find((it) => it.edit && it.title.startsWith("Ignore"));
    check(
      ignore,
      "a quick fix that ignores is offered",
      (await actions(document)).map((it) => it.title),
    );
    check(await vscode.workspace.applyEdit(ignore.edit), "and applies");
    await soon("its diagnostic goes away before the file is saved", () => {
      return vscode.languages.getDiagnostics(document.uri).length === 0;
    });
    check(document.lineAt(0).text.includes("# fromwhere: ignore"), "the comment stands there", document.lineAt(0).text);
    await document.save();
    await agrees("after that fix", demo);

    document = await show(file("books.py"));
    const offered = await actions(document);
    const inTerminal = offered.filter((it) => it.command?.command === "fromwhere.runInTerminal");
    check(inTerminal.length >= 1, "a command line is offered for the terminal", offered);
    same(offered.filter((it) => it.isPreferred).length, 1, "one fix is preferred");
    const allow = offered.find((it) => it.edit && it.title.startsWith("Allow"));
    check(await vscode.workspace.applyEdit(allow.edit), "a quick fix that edits another file applies");
    const manifest = path.join(demo, "pyproject.toml");
    check(await (await vscode.workspace.openTextDocument(manifest)).save(), "which is saved");
    await soon(
      "its diagnostic goes away",
      async () => ofRule((await shown(demo)) ?? ["[import-from-os]"], "import-from-os").length === 0,
    );
    await agrees("after the other fix", demo);
    fs.writeFileSync(manifest, fs.readFileSync(manifest, "utf8").replace(/\n\[tool\.fromwhere\][^[]*/, "\n"));
    const lines = await agrees("and taken back on disk", demo);
    check(ofRule(lines, "import-from-os").length >= 1, "it is complained about again", lines);
  },

  async "the terminal"() {
    await show(file("books.py"));
    const mark = path.join(demo, "../picked");
    await vscode.commands.executeCommand("fromwhere.runInTerminal", `pwd > ${mark}`);
    await soon(
      "a picked command line runs in a terminal",
      () => fs.existsSync(mark) && fs.readFileSync(mark, "utf8") !== "",
    );
    same(fs.readFileSync(mark, "utf8").trim(), demo, "in the project's folder");
    const terminals = vscode.window.terminals.length;
    await vscode.commands.executeCommand("fromwhere.runInTerminal", "true\nfalse");
    same(vscode.window.terminals.length, terminals, "two lines are refused");
    for (const terminal of vscode.window.terminals) terminal.dispose();
  },

  async "notebook cells"() {
    const cells = ["import yaml", "import json\nimport yaml as other"].map(
      (text) => new vscode.NotebookCellData(vscode.NotebookCellKind.Code, text, "python"),
    );
    // As a file: a cell belongs to the project that the notebook lies in.
    const place = path.join(demo, "notes.ipynb");
    const content = cells.map(({ value }) => ({
      cell_type: "code",
      execution_count: null,
      metadata: {},
      outputs: [],
      source: value.split(/(?<=\n)/),
    }));
    const metadata = { language_info: { name: "python" } };
    fs.writeFileSync(place, JSON.stringify({ cells: content, metadata, nbformat: 4, nbformat_minor: 5 }));
    const notebook = await vscode.workspace.openNotebookDocument(vscode.Uri.file(place));
    await vscode.window.showNotebookDocument(notebook);
    const cell = notebook.cellAt(0).document.uri;
    same(cell.scheme, "vscode-notebook-cell", "a cell is a document of its own");
    const [diagnostic] = await soon("and has its diagnostic", () => {
      const found = vscode.languages.getDiagnostics(cell);
      return found.length === 1 && found;
    });
    same(diagnostic.code.value, "import-from-os", "the same as in a file");
    same(vscode.languages.getDiagnostics(notebook.cellAt(1).document.uri), [], "once a notebook");
    const hovers = await vscode.commands.executeCommand("vscode.executeHoverProvider", cell, new vscode.Position(0, 8));
    check(hovers[0]?.contents[0].value.includes("python3-yaml"), "hover works there", hovers);
    await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
    fs.rmSync(place);
  },

  async "files that prepare a machine"() {
    // Beside the project: VS Code holds a document for minutes after its editor was closed.
    const beside = path.join(demo, "..");
    const steps = "    steps:\n      - run: pip install six\n";
    for (const [name, language, text] of [
      ["Dockerfile", "dockerfile", "FROM debian:12\nRUN apt-get install -y python3-pip && pip install six\n"],
      [".github/workflows/ci.yml", "yaml", `jobs:\n  test:\n    container: debian:13\n${steps}`],
    ]) {
      const place = path.join(beside, name);
      fs.mkdirSync(path.dirname(place), { recursive: true });
      fs.writeFileSync(place, text);
      const document = await show(place);
      same(document.languageId, language, `${name} is one to VS Code`);
      const [diagnostic] = await soon("and is complained about where pip would refuse", () => {
        const found = vscode.languages.getDiagnostics(document.uri);
        return found.length > 0 && found;
      });
      same(diagnostic.code.value, "pip-externally-managed", "by its rule");
      same(status.shown, undefined, "no environment is named for it");
      const provider = "vscode.executeCodeActionProvider";
      const fixes = await vscode.commands.executeCommand(provider, document.uri, diagnostic.range, "quickfix");
      check(fixes.length > 0, "and it has quick fixes", fixes);
      await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
      fs.rmSync(place);
    }
  },

  async settings() {
    await show(file("books.py"));
    const configuration = () =>
      vscode.workspace.getConfiguration("fromwhere", vscode.workspace.workspaceFolders[0].uri);
    const before = await agrees("before", demo);
    await configuration().update("ignore", ["import-from-os"], vscode.ConfigurationTarget.WorkspaceFolder);
    const left = async () => ofRule((await shown(demo)) ?? ["[import-from-os]"], "import-from-os").length;
    await soon("an ignored rule is silent", async () => (await left()) === 0);
    await configuration().update("ignore", undefined, vscode.ConfigurationTarget.WorkspaceFolder);
    await soon("and speaks again", async () => (await left()) > 0);
    await configuration().update("severity", { "import-from-os": "error" }, vscode.ConfigurationTarget.WorkspaceFolder);
    await soon("a severity is taken", () => {
      return vscode.languages.getDiagnostics(vscode.Uri.file(file("books.py")))[0]?.severity === 0;
    });
    await configuration().update("severity", undefined, vscode.ConfigurationTarget.WorkspaceFolder);
    same(await agrees("without settings", demo), before, "and all is as before");
    await configuration().update("python", "/usr/bin/python3", vscode.ConfigurationTarget.WorkspaceFolder);
    await soon(
      "`fromwhere.python` chooses the interpreter",
      () => {
        return environments.of(vscode.Uri.file(file("books.py")))?.prefix === "/usr";
      },
      () => environments.all(),
    );
    // A file of another project, which the window has no folder for.
    const outside = path.join(demo, "../outside");
    fs.mkdirSync(outside);
    fs.writeFileSync(path.join(outside, "pyproject.toml"), '[project]\nname = "outside"\n');
    fs.writeFileSync(path.join(outside, "main.py"), "import yaml\n");
    execFileSync("/usr/bin/python3", ["-m", "venv", "--without-pip", ".venv"], { cwd: outside });
    await show(path.join(outside, "main.py"));
    const elsewhere = await soon("a project outside is answered for", () =>
      environments.all().find((it) => it.root === outside),
    );
    same(elsewhere.prefix, path.join(outside, ".venv"), "and the setting of the folder is not its own");
    await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
    await show(file("books.py"));
    await configuration().update("python", undefined, vscode.ConfigurationTarget.WorkspaceFolder);
    await soon(
      "and no longer",
      () => environments.of(vscode.Uri.file(file("books.py")))?.prefix === path.join(demo, ".venv"),
    );
  },

  async commands() {
    await show(file("books.py"));
    const known = await vscode.commands.getCommands(true);
    for (const { command } of extension().packageJSON.contributes.commands)
      check(known.includes(command), `${command} is there`);
    const text = await vscode.commands.executeCommand("fromwhere.copyDebugInformation");
    same(await vscode.env.clipboard.readText(), text, "the debug information is on the clipboard");
    check(
      text.includes(`${program()} (bundled)`) && text.includes("workspace trusted: yes"),
      "it names the program",
      text,
    );
    check(text.includes(demo), "and the environment", text);
  },

  async pages() {
    const document = await show(file("books.py"));
    const page = (name) => {
      const its = vscode.window.activeTextEditor?.document;
      return its?.uri.scheme === "fromwhere-env" && its.uri.path.endsWith(name) ? its : undefined;
    };
    await vscode.commands.executeCommand("fromwhere.showRoots");
    const roots = await soon("Show Import Roots opens a page", () => page("roots.md"));
    const said = () => roots.getText();
    same(roots.languageId, "markdown", "in Markdown");
    check(said().includes("| 6  | `/usr/lib/python3/dist-packages`"), "it has the roots", said());
    const cfg = path.join(demo, ".venv/pyvenv.cfg");
    await replaceIn(cfg, "include-system-site-packages = true", "include-system-site-packages = false");
    await soon("it follows the disk", () => !said().includes("`/usr/lib/python3/dist-packages`"), said);
    await replaceIn(cfg, "include-system-site-packages = false", "include-system-site-packages = true");
    await soon("and back", () => said().includes("`/usr/lib/python3/dist-packages`"), said);

    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(yamlIn(document).start, yamlIn(document).start);
    await vscode.commands.executeCommand("fromwhere.explainImport");
    const explained = await soon("Explain This Import opens a page", () => page("yaml.md"));
    check(explained.getText().includes("python3-yaml"), "about the import under the cursor", explained.getText());

    const place = { line: 1, character: 0 };
    const range = { start: place, end: place };
    await server.execute("fromwhere.server.open", { uri: vscode.Uri.file(cfg).toString(), range });
    await soon("a line that the server wants to be seen is shown", () => {
      const { document: its, selection } = vscode.window.activeTextEditor ?? {};
      return its?.uri.fsPath === cfg && selection.active.line === 1;
    });
  },

  async "restart and crash"() {
    await show(file("books.py"));
    const before = await agrees("before", demo);
    const first = server.client.serverProcess.pid;
    await vscode.commands.executeCommand("fromwhere.restart");
    await soon(
      "Restart Server starts another one",
      () => server.life.state === "running" && server.client.serverProcess.pid !== first,
    );
    await soon(
      "and one server runs",
      () => processes(program()) === 1,
      () => processes(program()),
    );
    same(await agrees("after the restart", demo), before, "and all is as before");
    await Promise.all([1, 2, 3].map(() => vscode.commands.executeCommand("fromwhere.restart")));
    await soon(
      "three at once leave one server",
      () => server.life.state === "running" && processes(program()) === 1,
      () => processes(program()),
    );

    const second = server.client.serverProcess.pid;
    server.log.info("The test kills the server");
    process.kill(second, "SIGKILL");
    await soon(
      "a server that was killed is started again",
      () => {
        return server.life.state === "running" && server.client.serverProcess?.pid !== second;
      },
      () => server.life,
    );
    same(await agrees("after that", demo), before, "and all is as before");
    await soon(
      "the status is back",
      () => status.shown?.text.startsWith(".venv · "),
      () => status.shown,
    );
  },
};

exports.run = () => run(parts);
