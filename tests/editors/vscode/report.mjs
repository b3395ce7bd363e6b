// What a part that is driven as a user would has found out. In: looks at what is to be seen. Out: a line for each, and the sum.

export class Report {
  passed = 0;
  failed = 0;
  began = Date.now();

  check(held, what, seen) {
    const time = String(Date.now() - this.began).padStart(6);
    if (held) this.passed += 1;
    else this.failed += 1;
    console.log(held ? `ok   ${time} ms  ${what}` : `FAIL ${time} ms  ${what}\n  ${JSON.stringify(seen)}`);
    return held;
  }

  /**
   * Waits until `look` returns something true; what it returned or threw last is shown when it never does. A busy machine may
   * need half a minute to show an editor.
   */
  async soon(what, look, seen, milliseconds = 60_000) {
    const end = Date.now() + milliseconds;
    let last;
    for (;;) {
      const value = await Promise.resolve()
        .then(look)
        .catch((error) => {
          last = String(error);
          return undefined;
        });
      if (value) return this.check(true, what);
      if (Date.now() > end) return this.check(false, what, (await seen?.()) ?? last);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Says how many held, and whether all did. */
  end() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 && this.passed > 0;
  }
}
