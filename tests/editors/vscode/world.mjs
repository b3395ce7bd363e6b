// The projects that VS Code is shown. In: an empty folder. Out: copies of the demo with environments that Debian's Python
// made, and the files around them.

import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const PYTHON = "/usr/bin/python3";

/** A copy of the demo in `folder`, with its environment made anew. */
export function makeProject(folder) {
  const demo = path.join(repository, "demo");
  fs.cpSync(demo, folder, { recursive: true, filter: (file) => file !== path.join(demo, ".venv") });
  // Two bytes, four bytes and one UTF-16 pair stand before the import: each encoding counts another column.
  write(path.join(folder, "src/catalogue/accented.py"), 'LABEL = "é 𝐱"; import yaml\n\nprint(LABEL, yaml)\n');
  makeEnvironment(folder);
  return folder;
}

/** An environment as Debian's own Python makes it, with the demo's one distribution inside. */
export function makeEnvironment(folder, name = ".venv", ...words) {
  execFileSync(PYTHON, ["-m", "venv", "--system-site-packages", "--without-pip", ...words, name], { cwd: folder });
  const library = path.join(folder, name, "lib");
  const version = fs.readdirSync(library).find((entry) => entry.startsWith("python3"));
  const sitePackages = path.join(library, version, "site-packages");
  fs.cpSync(path.join(repository, "demo/.venv/lib/python3.11/site-packages"), sitePackages, { recursive: true });
  return sitePackages;
}

export function write(file, text, mode = 0o644) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text, { mode });
  return file;
}
