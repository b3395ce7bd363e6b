// Every suite against a real VS Code. Run by `run` beside it: node main.mjs PLACE NODE VSIX [SUITE...]
//
// PLACE: where code-server is installed; NODE: the Node to run it with; VSIX: the packaged extension.

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { addExtension, CodeServer, install, runSuite, startBrowser } from "./editor.mjs";
import { makeProject, write } from "./world.mjs";

const [place, node, vsix, ...wanted] = process.argv.slice(2);
const here = path.dirname(fileURLToPath(import.meta.url));
const work = fs.mkdtempSync(path.join(os.tmpdir(), "fromwhere-vscode-"));
const suiteFile = (name) => path.join(here, "suites", `${name}.cjs`);

const extensions = install(place, node, path.join(work, "installed"), vsix);
const extension = path.join(
  extensions,
  fs.readdirSync(extensions).find((entry) => entry.startsWith("fromwhere.")),
);
const empty = path.join(work, "no-extensions");
fs.mkdirSync(empty);

/** Runs one suite in a code-server of its own. */
async function inHost(browser, suite, target, { folders = [], ...options } = {}) {
  const its = path.join(work, suite.replaceAll("/", "-"));
  fs.mkdirSync(path.join(its, "extensions"), { recursive: true });
  for (const folder of folders) addExtension(path.join(its, "extensions"), folder);
  const server = await CodeServer.start({
    place,
    node,
    work: its,
    extensions: path.join(its, "extensions"),
    ...options,
  });
  try {
    const { code } = await runSuite(browser, server, { target, extension, suite: suiteFile(options.file ?? suite) });
    return code === 0;
  } finally {
    await server.end();
  }
}

const suites = {
  async project(browser) {
    const project = makeProject(path.join(work, "project", "demo"));
    write(path.join(work, "project/wheels/install"), fs.readFileSync(path.join(here, "pip.sh"), "utf8"), 0o755);
    return inHost(browser, "project", project);
  },
};

const failed = [];
const browser = await startBrowser(place);
try {
  for (const [name, suite] of Object.entries(suites)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const began = Date.now();
    console.log(`-- ${name}`);
    const held = await suite(browser).catch((error) => {
      console.log(`FAIL ${error.stack}`);
      return false;
    });
    console.log(`${held ? "ok  " : "FAIL"} ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    if (!held) failed.push(name);
  }
} finally {
  await browser.close();
  fs.rmSync(work, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
if (failed.length > 0) console.log(`failed: ${failed.join(", ")}`);
process.exit(failed.length > 0 ? 1 : 0);
