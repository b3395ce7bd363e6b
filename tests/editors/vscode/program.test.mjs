// Which program the extension runs, asked of its own code: Node reads TypeScript. Run by: node --test FILE

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { findProgram } from "../../../editors/vscode/src/program.ts";

let work;
const at = (...names) => path.join(work, ...names);

function program(...names) {
  fs.mkdirSync(path.dirname(at(...names)), { recursive: true });
  fs.writeFileSync(at(...names), "#!/bin/false\n", { mode: 0o755 });
  return at(...names);
}

function find(more) {
  const places = { configured: undefined, isTrusted: true, extension: at("extension"), searchPath: "", workspace: [] };
  return findProgram({ ...places, ...more });
}

before(() => {
  work = fs.mkdtempSync(path.join(os.tmpdir(), "fromwhere-program-"));
});
after(() => fs.rmSync(work, { recursive: true }));

test("without anything, it says so", () => {
  assert.match(find({}), /neither bundled nor on PATH/);
});

test("PATH is the last place, and its relative entries are none", () => {
  const found = program("bin/fromwhere");
  assert.deepEqual(find({ searchPath: `${at("nowhere")}:${at("bin")}` }), { path: found, source: "PATH" });
  const before = process.cwd();
  process.chdir(work);
  try {
    assert.match(find({ searchPath: "bin::." }), /neither/);
  } finally {
    process.chdir(before);
  }
});

test("what cannot be run is no program", () => {
  fs.mkdirSync(at("folders/fromwhere"), { recursive: true });
  fs.mkdirSync(at("texts"));
  fs.writeFileSync(at("texts/fromwhere"), "", { mode: 0o644 });
  assert.match(find({ searchPath: `${at("folders")}:${at("texts")}` }), /neither/);
});

test("the bundled one comes before PATH, the setting before both", () => {
  const bundled = program("extension/bundled/bin/fromwhere");
  assert.deepEqual(find({ searchPath: at("bin") }), { path: bundled, source: "bundled" });
  const own = program("own/fromwhere-2");
  assert.deepEqual(find({ configured: own }), { path: own, source: "setting `fromwhere.path`" });
});

test("a setting that leads nowhere is said, and nothing is taken in its place", () => {
  assert.match(find({ configured: at("gone") }), /names no program: .*gone$/);
  assert.match(find({ configured: "./fromwhere" }), /not an absolute path/);
});

test("an untrusted workspace names nothing and brings nothing", () => {
  const inside = program("workspace/.venv/bin/fromwhere");
  const places = { extension: at("empty"), workspace: [at("workspace")], searchPath: path.dirname(inside) };
  assert.deepEqual(find(places), { path: inside, source: "PATH" });
  assert.match(find({ ...places, isTrusted: false }), /neither/);
  assert.match(find({ ...places, isTrusted: false, configured: inside }), /neither/);
  // By a link, from either side.
  fs.symlinkSync(path.dirname(inside), at("elsewhere"));
  assert.match(find({ ...places, isTrusted: false, searchPath: at("elsewhere") }), /neither/);
  fs.symlinkSync(at("workspace"), at("workspace-link"));
  assert.match(find({ ...places, isTrusted: false, workspace: [at("workspace-link")] }), /neither/);
  const outside = program("bin/fromwhere");
  assert.deepEqual(find({ ...places, isTrusted: false, searchPath: `${places.searchPath}:${at("bin")}` }), {
    path: outside,
    source: "PATH",
  });
});
