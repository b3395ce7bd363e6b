// Two folders with two environments, and an extension that knows which interpreter is selected: a stand-in for the Python
// extension or for Python Environments, as the variable STAND_IN says.
const fs = require("node:fs");
const path = require("node:path");
const vscode = require("vscode");
const { check, run, same, soon } = require("./report.cjs");
const { agrees, ofRule, shown, variables } = require("./truth.cjs");

const [first, second] = vscode.workspace.workspaceFolders.map((it) => it.uri.fsPath);
const other = path.join(path.dirname(first), "other");
const python = (prefix) => path.join(prefix, "bin/python3");
const own = (folder) => python(path.join(folder, ".venv"));
const books = (folder) => vscode.Uri.file(path.join(folder, "src/catalogue/books.py"));
const ours = () => vscode.extensions.getExtension("fromwhere.fromwhere").exports;
const standIn = vscode.extensions.getExtension(process.env.STAND_IN);

const environment = (folder) => ours().environments.of(books(folder));

/** Waits until a folder is answered for with this environment, and VS Code shows what the command line says of it. */
async function answersFor(folder, prefix, what) {
  const words = ["--python", python(prefix)];
  await soon(
    `${what}: the environment is ${path.basename(prefix)}`,
    () => environment(folder)?.prefix === prefix,
    () => ours().environments.all(),
  );
  return agrees(what, folder, ...words);
}

const parts = {
  async start() {
    for (const folder of [first, second]) {
      for (const name of ["__init__.py", "__main__.py", "shelves.py", "accented.py", "books.py"]) {
        await vscode.window.showTextDocument(vscode.Uri.file(path.join(folder, "src/catalogue", name)));
      }
    }
    await soon("the server runs", () => ours()?.server.life.state === "running");
    await standIn.activate();
    await answersFor(first, "/usr", "as selected at first");
    await answersFor(second, "/usr", "in the other folder too");
    same(environment(first).source.kind, "editor", "the editor has chosen it");
    await soon(
      "the status names it",
      () => ours().status.shown?.text.includes("/usr"),
      () => ours().status.shown,
    );
  },

  async "one folder each"() {
    standIn.exports.select(first, own(first));
    const lines = await answersFor(first, path.join(first, ".venv"), "its own selected in the first");
    check(ofRule(lines, "import-from-os").length >= 2, "and that has `yaml` of Debian in it", lines);
    same(environment(second).prefix, "/usr", "the second is as it was");
    standIn.exports.select(second, own(second));
    await answersFor(second, path.join(second, ".venv"), "its own selected in the second");
    same(environment(first).prefix, path.join(first, ".venv"), "the first is as it was");
  },

  async "another one"() {
    standIn.exports.select(first, python(other));
    const lines = await answersFor(first, other, "another environment selected");
    check(ofRule(lines, "import-from-os").length === 0, "which does not let Debian's packages in", lines);
    await soon(
      "and is not the project's own",
      async () => ofRule((await shown(first)) ?? [], "env-mismatch").length === 1,
    );
    const [mismatch] = ofRule((await shown(first)) ?? [], "env-mismatch");
    await vscode.window.showTextDocument(books(first));
    await soon(
      "which the status bar says, in the words of the diagnostic",
      () => ours().status.inStatusBar && mismatch?.endsWith(`] ${ours().status.inStatusBar}`),
      () => [ours().status.inStatusBar, mismatch],
    );
    const manifest = vscode.Uri.file(path.join(first, "pyproject.toml"));
    const selectOwn = async () => {
      const [found] = vscode.languages.getDiagnostics(manifest).filter((it) => it.code.value === "env-mismatch");
      const ask = "vscode.executeCodeActionProvider";
      await vscode.workspace.openTextDocument(manifest);
      const actions = found ? await vscode.commands.executeCommand(ask, manifest, found.range) : [];
      return actions.find((it) => it.title === "Select `.venv` as the interpreter");
    };
    const fix = await soon("there is a quick fix for that", selectOwn);
    await vscode.commands.executeCommand(fix.command.command, ...fix.command.arguments);
    await answersFor(first, path.join(first, ".venv"), "which selects the project's own");
    same(environment(second).prefix, path.join(second, ".venv"), "and nothing for the second folder");
    standIn.exports.select(first, python(other));
    await answersFor(first, other, "another environment once more");

    await vscode.window.showTextDocument(books(first));
    await soon("the status is that of the folder", () => ours().status.shown?.text.includes("other"));
    await vscode.window.showTextDocument(books(second));
    await soon("and changes with the file that is shown", () => ours().status.shown?.text.startsWith(".venv"));
    standIn.exports.select(first, own(first));
    await answersFor(first, path.join(first, ".venv"), "and back");
  },

  async "variables of .env"() {
    const beside = path.join(path.dirname(first), "beside");
    fs.mkdirSync(path.join(beside, "yaml"), { recursive: true });
    fs.writeFileSync(path.join(beside, "yaml/__init__.py"), "");
    const before = await answersFor(first, path.join(first, ".venv"), "before");
    standIn.exports.setVariables(first, { PYTHONPATH: "../beside", SECRET: "of nobody's business" });
    variables.PYTHONPATH = "../beside";
    const lines = await answersFor(first, path.join(first, ".venv"), "`.env` has a PYTHONPATH");
    check(ofRule(lines, "import-from-os").length === 0, "in which `yaml` is found first", lines);
    const root = environment(first).roots[0];
    check(root.path.endsWith("beside") && root.addedBy === "PYTHONPATH", "the first import root is that one", root);
    const items = [{ section: "fromwhere", scopeUri: vscode.Uri.file(first).toString() }];
    const [{ pythonExtension }] = await ours().server.withInterpreters({ items }, [{}]);
    same(pythonExtension.environmentVariables, { PYTHONPATH: "../beside" }, "the server is told nothing else of it");
    delete variables.PYTHONPATH;
    await answersFor(second, path.join(second, ".venv"), "which says nothing of the other folder");
    standIn.exports.setVariables(first, {});
    same(await answersFor(first, path.join(first, ".venv"), "and taken out of it"), before, "all is as before");
  },

  async "changes that are none"() {
    const { client } = ours().server;
    const send = client.sendNotification;
    const sent = [];
    client.sendNotification = (kind, ...words) => {
      sent.push(kind.method ?? kind);
      return send.call(client, kind, ...words);
    };
    try {
      const asked = standIn.exports.asked();
      standIn.exports.select(first);
      await soon("a change that is none is looked at", () => standIn.exports.asked() > asked);
      // The server is told only after both folders were compared.
      await new Promise((resolve) => setTimeout(resolve, 300));
      same(sent.filter((it) => it === "workspace/didChangeConfiguration").length, 0, "and not passed on");
      standIn.exports.select(first, "/usr/bin/python3");
      await soon("a real one is", () => sent.includes("workspace/didChangeConfiguration"));
      await answersFor(first, "/usr", "which takes effect");
    } finally {
      client.sendNotification = send;
    }
  },

  async "the setting wins"() {
    const configuration = () => vscode.workspace.getConfiguration("fromwhere", books(first));
    const folder = vscode.ConfigurationTarget.WorkspaceFolder;
    await configuration().update("python", other, folder);
    await answersFor(first, other, "`fromwhere.python` of the first folder");
    same(environment(second).prefix, path.join(second, ".venv"), "the second is as it was");
    // A file of a project that lies in no folder of the window.
    const outside = path.join(path.dirname(first), "third");
    await vscode.window.showTextDocument(books(outside));
    await soon("what lies outside of all folders is answered for", () => environment(outside));
    same(environment(outside).prefix, path.join(outside, ".venv"), "with its own environment");
    await vscode.window.showTextDocument(books(first));
    await configuration().update("python", undefined, folder);
    await answersFor(first, "/usr", "and taken back");
  },

  async picker() {
    await vscode.window.showTextDocument(books(first));
    await vscode.commands.executeCommand("fromwhere.selectInterpreter");
    same(standIn.exports.picked(), 1, "Select Interpreter opens that extension's own picker");
  },

  async folders() {
    const count = vscode.workspace.workspaceFolders.length;
    const third = path.join(path.dirname(first), "third");
    await vscode.window.showTextDocument(books(third));
    vscode.workspace.updateWorkspaceFolders(count, 0, { uri: vscode.Uri.file(third) });
    await soon("a folder is added", () => vscode.workspace.workspaceFolders.length === count + 1);
    standIn.exports.select(third, own(third));
    await soon(
      "and answered for with what is selected there",
      () => {
        return environment(third)?.prefix === path.join(third, ".venv") && environment(third).source.kind === "editor";
      },
      () => ours().environments.all(),
    );
  },
};

exports.run = () => run(parts);
