// What `fromwhere check` says of a folder and what VS Code shows, in one shape, to be compared.
const { execFileSync } = require("node:child_process");
const path = require("node:path");
const vscode = require("vscode");
const { soon } = require("./report.cjs");

const SEVERITY = ["error", "warning", "information", "hint"];

/** The program that the extension runs. */
exports.program = () => vscode.extensions.getExtension("fromwhere.fromwhere").exports.server.program.path;

/** The variables that the command line is started with, above those of this process. */
exports.variables = {};

/** What the command line finds in a folder: sorted lines; columns are counted in code points, from 1. */
exports.expected = (folder, ...words) => {
  let said;
  try {
    said = execFileSync(exports.program(), ["check", "--exit-zero", "--output-format", "json", ...words], {
      cwd: folder,
      env: { ...process.env, ...exports.variables },
    });
  } catch (error) {
    throw new Error(`fromwhere check: ${error.stderr}`);
  }
  const lines = JSON.parse(said).diagnostics.map(({ path: file, range: { start, end }, ...it }) => {
    return `${file}:${start.line}:${start.character}-${end.line}:${end.character} ${it.severity}[${it.code}] ${it.message}`;
  });
  return lines.sort();
};

/** What VS Code shows in the files below a folder; a notebook's cells are no files. It counts columns in UTF-16 units, from 0. */
exports.shown = async (folder) => {
  const lines = [];
  for (const [uri, diagnostics] of vscode.languages.getDiagnostics()) {
    if (uri.scheme !== "file" || !uri.fsPath.startsWith(folder + path.sep) || diagnostics.length === 0) continue;
    // A file that is gone has no diagnostics for long.
    const document = await vscode.workspace.openTextDocument(uri).then(
      (it) => it,
      () => undefined,
    );
    if (!document) return undefined;
    const place = ({ line, character }) => {
      if (line >= document.lineCount) return undefined;
      return `${line + 1}:${[...document.lineAt(line).text.slice(0, character)].length + 1}`;
    };
    for (const it of diagnostics.filter(({ source }) => source === "fromwhere")) {
      const range = `${place(it.range.start)}-${place(it.range.end)}`;
      lines.push(`${uri.fsPath}:${range} ${SEVERITY[it.severity]}[${it.code.value}] ${it.message}`);
    }
  }
  return lines.sort();
};

/** Whether the editor's choice is the project's own only the editor is told: the command line is just handed it. */
const comparable = (lines, words) =>
  words.includes("--python") ? lines?.filter((line) => !line.includes("[env-mismatch]")) : lines;

/** Checks that VS Code comes to show what the command line says, with no key pressed; returns the lines. */
exports.agrees = async (what, folder, ...words) => {
  const expected = exports.expected(folder, ...words);
  let shown;
  await soon(
    `${what}: VS Code shows what \`fromwhere check\` says`,
    async () => {
      shown = comparable(await exports.shown(folder), words);
      return JSON.stringify(shown) === JSON.stringify(expected);
    },
    () => ({ shown, expected }),
  );
  return expected;
};

exports.ofRule = (lines, code) => lines.filter((line) => line.includes(`[${code}]`));
