// The workbench as a user sees it. In: a page. Out: what is to be seen, and keys and clicks.

import * as path from "node:path";

export class Screen {
  /** Pictures go into the folder `pictures`, where there is one. */
  constructor(page, pictures) {
    this.page = page;
    this.pictures = pictures;
  }

  /** Opens a project with one of its files, and waits for the workbench. */
  static async open(browser, server, project, file, pictures) {
    const payload = [["openFile", server.remote(path.join(project, file))]];
    const { page, context, show } = await server.open(browser, project, payload);
    await show();
    await page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
    return { screen: new Screen(page, pictures), context };
  }

  async picture(name, clip) {
    if (!this.pictures) return;
    const file = path.join(this.pictures, `${name}.png`);
    await this.page.screenshot({ path: file, animations: "disabled", ...(clip ? { clip } : {}) });
  }

  line(text) {
    return this.page.locator(".editor-instance .view-line", { hasText: text }).first();
  }

  squiggles(kind = "warning") {
    return this.page.locator(`.squiggly-${kind}`).count();
  }

  statusBarItem(id) {
    return this.page.locator(`[id="${id}"]`);
  }

  /**
   * Runs a command of the palette by its whole title. The palette closes when something else takes the focus, as an editor
   * does that opens late, and does not list what VS Code comes to offer while it is open: then it is opened again.
   * `appears`: what comes in its place, where that is not the editor.
   */
  async palette(title, appears) {
    const widget = this.page.locator(".quick-input-widget");
    const whole = new RegExp(`^${title.replace(/[()]/g, "\\$&").replaceAll(" ", "\\s")}$`);
    const row = widget.locator(".monaco-list-row .label-name", { hasText: whole });
    const offers = async () => {
      await this.page.keyboard.press("F1");
      const input = widget.locator("input.input");
      await input.waitFor({ timeout: 4000 });
      await input.fill(`>${title}`, { timeout: 4000 });
      // The first row need not be the one that has all of the words.
      await row.first().click({ timeout: 4000 });
    };
    for (let attempt = 0; ; attempt += 1) {
      const refusal = await offers().catch((error) => error);
      if (!refusal) break;
      if (attempt > 8) {
        await this.picture("failure-palette");
        throw new Error(`the palette does not offer \`${title}\``, { cause: refusal });
      }
      await this.page.keyboard.press("Escape");
    }
    await (appears ? appears.waitFor() : widget.waitFor({ state: "hidden" }));
  }

  /** Where a word stands in a line, in pixels. */
  word(line, word) {
    return this.line(line).evaluate((element, wanted) => {
      const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      for (let node = texts.nextNode(); node; node = texts.nextNode()) {
        const at = node.data.indexOf(wanted);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + wanted.length);
        const box = range.getBoundingClientRect();
        return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      }
      return undefined;
    }, word);
  }

  async hover(line, word) {
    const at = await this.word(line, word);
    await this.page.mouse.move(at.x + 60, at.y + 200);
    await this.page.mouse.move(at.x, at.y, { steps: 5 });
  }

  async hoverText() {
    const texts = await this.page.locator(".monaco-hover:visible").allInnerTexts();
    return texts.join("\n").replaceAll("\u00a0", " ");
  }

  /** Opens the menu of quick fixes on a word, and returns its titles. */
  async openFixes(line, word) {
    const at = await this.word(line, word);
    await this.page.mouse.click(at.x, at.y);
    const rows = this.page.locator(".action-widget .monaco-list-row.action");
    // VS Code itself asks after the cursor has moved; a key in that moment finds nothing.
    for (let attempt = 0; ; attempt += 1) {
      await this.page.keyboard.press("Control+.");
      const opened = await rows
        .first()
        .waitFor({ timeout: 2000 })
        .then(
          () => true,
          () => false,
        );
      if (opened) return rows.allInnerTexts();
      if (attempt > 8) throw new Error(`there are no quick fixes on ${word}`);
      await this.page.keyboard.press("Escape");
    }
  }

  /** Takes one of the fixes that are open, by keyboard: an overlay takes the mouse while the menu opens. */
  async takeFix(title) {
    const focused = this.page.locator(".action-widget .monaco-list-row.focused");
    for (let step = 0; step < 15; step += 1) {
      const text = await focused.textContent({ timeout: 500 }).catch(() => "");
      if (text.replaceAll("\u00a0", " ").startsWith(title)) {
        await this.page.keyboard.press("Enter");
        await this.page.locator(".action-widget").first().waitFor({ state: "hidden" });
        return;
      }
      await this.page.keyboard.press("ArrowDown");
    }
    throw new Error(`there is no quick fix \`${title}\``);
  }
}
