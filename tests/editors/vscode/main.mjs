// Every suite against a real VS Code. Run by `run` beside it: node main.mjs PLACE NODE VSIX [SUITE...]
//
// PLACE: where code-server is installed; NODE: the Node to run it with; VSIX: the packaged extension.

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { addExtension, CodeServer, install, runSuite, startBrowser } from "./editor.mjs";
import { isAsked } from "./question.mjs";
import { trusts } from "./trust.mjs";
import { asAUser } from "./user.mjs";
import { makeEnvironment, makeProject, write } from "./world.mjs";

const [place, node, vsix, ...wanted] = process.argv.slice(2);
const here = path.dirname(fileURLToPath(import.meta.url));
const work = fs.mkdtempSync(path.join(os.tmpdir(), "fromwhere-vscode-"));
const suiteFile = (name) => path.join(here, "suites", `${name}.cjs`);

const extensions = install(place, node, path.join(work, "installed"), vsix);
const extension = path.join(
  extensions,
  fs.readdirSync(extensions).find((entry) => entry.startsWith("fromwhere.")),
);
const program = path.join(extension, "bundled/bin/fromwhere");
if (process.env.KEEP) fs.mkdirSync(process.env.KEEP, { recursive: true });

/** Runs one suite in a code-server of its own. */
async function inHost(browser, suite, target, { standIns = [], ...options } = {}) {
  const its = path.join(work, suite);
  fs.mkdirSync(path.join(its, "extensions"), { recursive: true });
  for (const folder of standIns) addExtension(path.join(its, "extensions"), folder);
  const server = await CodeServer.start({
    place,
    node,
    work: its,
    extensions: path.join(its, "extensions"),
    ...options,
  });
  try {
    const { code } = await runSuite(browser, server, { target, extension, suite: suiteFile(options.file ?? suite) });
    const complaints = server.complaints();
    for (const line of complaints) console.log(`FAIL an error is logged\n  ${line}`);
    return code === 0 && complaints.length === 0;
  } finally {
    await server.end();
    keepLogs(path.join(its, "data/logs"), suite);
  }
}

/** Copies what the extension logged, where pictures are kept. */
function keepLogs(logs, suite) {
  if (!process.env.KEEP) return;
  for (const file of fs.readdirSync(logs, { recursive: true })) {
    if (/fromwhere\.log$/.test(file))
      fs.copyFileSync(path.join(logs, file), path.join(process.env.KEEP, `${suite}.log`));
  }
}

/** Two folders and one aside, and a stand-in for an extension that knows which interpreter is selected. */
function interpreters(browser, name, standIn) {
  const its = path.join(work, `of-${name}`);
  const folders = ["first", "second"].map((folder) => makeProject(path.join(its, folder)));
  makeProject(path.join(its, "third"));
  const other = makeEnvironment(its, "other");
  const cfg = path.join(its, "other/pyvenv.cfg");
  write(cfg, fs.readFileSync(cfg, "utf8").replace("packages = true", "packages = false"));
  if (!fs.existsSync(other)) throw new Error(`${other} was not made`);
  const file = write(
    path.join(its, "two.code-workspace"),
    JSON.stringify({ folders: folders.map((folder) => ({ path: folder })) }),
  );
  return inHost(browser, name, file, {
    file: "interpreters",
    standIns: [path.join(here, "stand-ins", name)],
    variables: { STAND_IN: standIn },
  });
}

/** What the parts need that are driven from outside, by mouse and keyboard. */
const asSomebody = { place, node, work, extensions, program, pictures: process.env.KEEP };

const suites = {
  project(browser) {
    const project = makeProject(path.join(work, "of-project/demo"));
    fs.copyFileSync(path.join(here, "../pip.sh"), path.join(project, "../pip.sh"));
    return inHost(browser, "project", project);
  },
  python: (browser) => interpreters(browser, "python", "ms-python.python"),
  environments: (browser) => interpreters(browser, "environments", "ms-python.vscode-python-envs"),
  restricted(browser) {
    const project = makeProject(path.join(work, "of-restricted/demo"));
    const mark = path.join(project, "../it-ran");
    const settings = {
      "fromwhere.path": write(path.join(project, "hostile"), `#!/bin/sh\ntouch ${mark}\n`, 0o755),
      "fromwhere.python": "/usr/bin/python3",
      "fromwhere.severity": { "env-none": "off" },
    };
    write(path.join(project, ".vscode/settings.json"), JSON.stringify(settings));
    const standIns = [path.join(here, "stand-ins/environments")];
    return inHost(browser, "restricted", project, { trust: true, standIns });
  },
  dockerfile(browser) {
    const folder = path.join(work, "of-dockerfile/machine");
    write(path.join(folder, "Dockerfile"), "FROM debian:13\nRUN apt-get install -y python3-pip && pip install six\n");
    return inHost(browser, "dockerfile", folder);
  },
  user: (browser) => asAUser(browser, asSomebody),
  trust: (browser) => trusts(browser, asSomebody),
  question: (browser) => isAsked(browser, asSomebody),
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
