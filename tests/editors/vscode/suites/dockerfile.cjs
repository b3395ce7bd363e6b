// A folder with a Dockerfile alone, which becomes a Python project: what wakes the extension, and what is to be seen in between.
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const vscode = require("vscode");
const { check, run, same, soon } = require("./report.cjs");

const folder = vscode.workspace.workspaceFolders[0].uri;
const extension = () => vscode.extensions.getExtension("fromwhere.fromwhere");
const at = (name) => path.join(folder.fsPath, name);

async function show(name) {
  const document = await vscode.workspace.openTextDocument(at(name));
  await vscode.window.showTextDocument(document);
  return document;
}

const parts = {
  async activation() {
    same(extension().isActive, false, "nothing of Python is there, and the extension sleeps");
    const document = await show("Dockerfile");
    await soon("a Dockerfile wakes it", () => extension().isActive);
    const [diagnostic] = await soon("and is complained about where pip would refuse", () => {
      const found = vscode.languages.getDiagnostics(document.uri);
      return found.length > 0 && found;
    });
    same(diagnostic.code.value, "pip-externally-managed", "by its rule");
  },

  async busy() {
    fs.writeFileSync(at("pyproject.toml"), '[project]\nname = "late"\nversion = "1"\n');
    fs.writeFileSync(at("main.py"), "import os\nimport yaml\n\nprint(os, yaml)\n");
    execFileSync("/usr/bin/python3", ["-m", "venv", "--system-site-packages", "--without-pip", ".venv"], {
      cwd: folder.fsPath,
    });
    const { server, status } = extension().exports;
    const seen = [];
    const listening = server.onDidChange(() => status.shown && seen.push(status.shown.busy));
    await show("main.py");
    const names = () => status.shown?.text.startsWith(".venv · Python 3") && !status.shown.busy;
    await soon("the status names the environment, and rests", names, () => status.shown);
    seen.length = 0;
    await vscode.commands.executeCommand("fromwhere.restart");
    await soon(
      "while the server starts again, it is busy",
      () => seen.includes(true),
      () => seen,
    );
    await soon(
      "and rests again",
      () => seen.at(-1) === false && names(),
      () => [seen, status.shown],
    );
    listening.dispose();
  },

  async "inlay hints"() {
    const document = await show("main.py");
    const whole = new vscode.Range(0, 0, document.lineCount, 0);
    const hints = async () => {
      const found = await vscode.commands.executeCommand("vscode.executeInlayHintProvider", document.uri, whole);
      return found.map((it) => [it.position.line, it.position.character, it.label]);
    };
    same(await hints(), [], "there are none");
    const configuration = () => vscode.workspace.getConfiguration("fromwhere", folder);
    await configuration().update("inlayHints", true, vscode.ConfigurationTarget.WorkspaceFolder);
    let last;
    const are = async (wanted) => {
      last = await hints();
      return JSON.stringify(last) === JSON.stringify(wanted);
    };
    await soon(
      "unless they are asked for: one word behind what comes from elsewhere",
      () => are([[1, "import yaml".length, "debian"]]),
      () => last,
    );
    await configuration().update("inlayHints", undefined, vscode.ConfigurationTarget.WorkspaceFolder);
    await soon(
      "and none again",
      () => are([]),
      () => last,
    );
    check(document.getText().startsWith("import os\nimport yaml\n"), "the text is as it was");
  },
};

exports.run = () => run(parts);
