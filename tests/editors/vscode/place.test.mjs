// Which paths are one place, asked of the extension's own code: Node reads TypeScript. Run by: node --test FILE

import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf } from "../../../editors/vscode/src/place.ts";

test("on Windows drives, servers and slashes are written in many ways", () => {
  for (const [one, other] of [
    ["c:\\ws\\app", "C:\\ws\\app"],
    ["C:/ws/app", "C:\\WS\\app"],
    ["\\\\Server\\share\\app", "\\\\server\\share\\app"],
  ]) {
    assert.equal(placeOf(one, "win32"), placeOf(other, "win32"));
  }
  assert.notEqual(placeOf("C:\\ws", "win32"), placeOf("D:\\ws", "win32"));
});

test("elsewhere every letter counts", () => {
  assert.equal(placeOf("/ws/App\\x", "linux"), "/ws/App\\x");
  assert.equal(placeOf("/ws/App", "darwin"), "/ws/App");
});
