// Counts what held and what did not, inside the extension host, and waits for what takes a moment.
const assert = require("node:assert");

let passed = 0;
let failed = 0;
const began = Date.now();

function say(held, what, seen) {
  const time = String(Date.now() - began).padStart(6);
  if (held) passed += 1;
  else failed += 1;
  const detail = seen === undefined ? "" : `\n  ${JSON.stringify(seen, undefined, 2)?.replaceAll("\n", "\n  ")}`;
  console.log(held ? `ok   ${time} ms  ${what}` : `FAIL ${time} ms  ${what}${detail}`);
  return held;
}

/** Whether it held; `seen` is shown when it did not. */
exports.check = (held, what, seen) => say(!!held, what, seen);

exports.same = (seen, expected, what) => {
  let held = true;
  try {
    assert.deepStrictEqual(seen, expected);
  } catch {
    held = false;
  }
  return say(held, what, { seen, expected });
};

/** Waits until `look` returns something true, and returns it; `seen()` is shown when it never does. */
exports.soon = async (what, look, seen, milliseconds = 30_000) => {
  const end = Date.now() + milliseconds;
  for (;;) {
    const value = await look();
    if (value) {
      say(true, what);
      return value;
    }
    if (Date.now() > end) {
      say(false, what, seen?.());
      return undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};

/** Runs the parts in order; an error in one is a failure, and the parts after it still run. */
exports.run = async (parts) => {
  for (const [name, part] of Object.entries(parts)) {
    try {
      await part();
    } catch (error) {
      say(false, `${name} ran to its end`, String(error.stack));
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) throw new Error(`${failed} failed`);
};
