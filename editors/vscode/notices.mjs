// Writes the licenses of what is bundled into the extension. Usage: node notices.mjs METAFILE OUTPUT
//
// METAFILE is esbuild's list of what it read. A package whose license is not one of those below ends it with an error.

import * as fs from "node:fs";
import * as path from "node:path";

const ALLOWED = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "ISC", "MIT"];

const [metafile, output] = process.argv.slice(2);
const folders = new Set();
for (const input of Object.keys(JSON.parse(fs.readFileSync(metafile, "utf8")).inputs)) {
  const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
  if (found) folders.add(found[1]);
}
const notices = [...folders].sort().map((folder) => {
  const { name, version, license } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  if (!ALLOWED.includes(license)) throw new Error(`${name} ${version}: the license \`${license}\` is not allowed`);
  const file = fs.readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} ${version}: there is no text of its license`);
  return `${name} ${version} (${license})\n\n${fs.readFileSync(path.join(folder, file), "utf8").trim()}\n`;
});
if (notices.length === 0) throw new Error(`${metafile} names no package`);
fs.writeFileSync(output, `What this extension contains of others.\n\n${notices.join(`\n${"-".repeat(80)}\n\n`)}`);
