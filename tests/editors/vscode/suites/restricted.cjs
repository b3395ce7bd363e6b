// A workspace that nobody trusts, whose settings name programs: it is served, and nothing it names is run or read.
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const vscode = require("vscode");
const { check, run, same, soon } = require("./report.cjs");
const { agrees, ofRule } = require("./truth.cjs");

const demo = vscode.workspace.workspaceFolders[0].uri.fsPath;
const books = vscode.Uri.file(path.join(demo, "src/catalogue/books.py"));
const mark = path.join(demo, "../it-ran");
const extension = () => vscode.extensions.getExtension("fromwhere.fromwhere");

const parts = {
  async trust() {
    same(vscode.workspace.isTrusted, false, "the workspace is not trusted");
    const settings = JSON.parse(fs.readFileSync(path.join(demo, ".vscode/settings.json"), "utf8"));
    check(settings["fromwhere.path"] && settings["fromwhere.python"], "its settings name programs", settings);
    execFileSync(settings["fromwhere.path"]);
    check(fs.existsSync(mark), "which would leave a mark");
    fs.rmSync(mark);
  },

  async serving() {
    for (const name of ["__init__.py", "__main__.py", "shelves.py", "accented.py", "books.py"]) {
      await vscode.window.showTextDocument(vscode.Uri.file(path.join(demo, "src/catalogue", name)));
    }
    await soon("the extension works all the same", () => extension()?.exports?.server.life.state === "running");
    const { server, environments } = extension().exports;
    same(server.program.source, "bundled", "with the server inside the package");
    const configuration = vscode.workspace.getConfiguration("fromwhere", books);
    same([configuration.get("path"), configuration.get("python")], [null, null], "the settings are not there");
    const lines = await agrees("untrusted", demo);
    check(ofRule(lines, "import-from-os").length >= 2, "and that has `yaml` of Debian in it", lines);
    await soon("it looks at the project's own environment", () => {
      return environments.of(books)?.prefix === path.join(demo, ".venv");
    });
  },

  async "harmless settings"() {
    same(
      vscode.workspace.getConfiguration("fromwhere", books).get("severity"),
      { "env-none": "off" },
      "others are read",
    );
  },

  async "no variables of .env"() {
    const standIn = vscode.extensions.getExtension("ms-python.vscode-python-envs");
    const items = [{ section: "fromwhere", scopeUri: vscode.Uri.file(demo).toString() }];
    (await standIn.activate()).setVariables(demo, { PYTHONPATH: "src" });
    same(await extension().exports.server.withInterpreters({ items }, [{}]), [{}], "a `.env` has no say");
  },

  async "no terminal"() {
    const at = new vscode.Position(7, 8);
    const range = new vscode.Range(at, at);
    const offered = await vscode.commands.executeCommand("vscode.executeCodeActionProvider", books, range, "quickfix");
    const commands = offered.flatMap((it) => (it.command ? [it.command] : []));
    check(commands.length > 0, "there are fixes that are command lines", offered);
    same(
      commands.filter((it) => it.command === "fromwhere.runInTerminal"),
      [],
      "none is for the terminal",
    );
    await vscode.commands.executeCommand("fromwhere.runInTerminal", `touch ${mark}`);
    await vscode.commands.executeCommand("fromwhere.restart");
    await soon("the server runs again", () => extension().exports.server.life.state === "running");
    same(vscode.window.terminals.length, 0, "and a command line that is asked for opens none");
    check(!fs.existsSync(mark), "nothing that the workspace names was run");
    const text = await vscode.commands.executeCommand("fromwhere.copyDebugInformation");
    check(text.includes("workspace trusted: no"), "the debug information says why", text);
  },
};

exports.run = () => run(parts);
