// The one question that is put to the user: an environment stops working, and VS Code asks what to do. In: a browser and what
// is installed. Out: whether it is asked when it should be, once, with answers that do what they say, and not where it was
// turned off.

import * as fs from "node:fs";
import * as path from "node:path";
import { CodeServer } from "./editor.mjs";
import { Report } from "./report.mjs";
import { Screen } from "./screen.mjs";
import { makeProject } from "./world.mjs";

const BAR = "fromwhere.fromwhere.fromwhere.environment";

/** In milliseconds: the server asks when something has lasted five seconds. */
const LONGER_THAN_ITS_PATIENCE = 9000;

export async function isAsked(browser, { place, node, work, extensions, pictures }) {
  const report = new Report();
  const project = makeProject(path.join(work, "question", "catalogue"));
  const data = path.join(work, "question-server");
  const server = await CodeServer.start({ place, node, work: data, extensions });
  const { screen, context } = await Screen.open(browser, server, project, "src/catalogue/books.py", pictures);
  try {
    await asks(screen, new Environment(screen, project, report), path.join(data, "data/User/settings.json"), report);
  } catch (error) {
    report.check(false, "the part about the question ran to its end", error.stack);
  } finally {
    if (report.failed > 0) await screen.picture("failure-question");
    await context.close();
    await server.end();
  }
  const complaints = server.complaints();
  report.check(complaints.length === 0, "no error is logged", complaints);
  return report.end();
}

/** The project's environment, whose Python goes away and comes back. */
class Environment {
  constructor(screen, project, report) {
    this.python = path.join(project, ".venv/bin/python3");
    this.works = fs.readlinkSync(this.python);
    this.bar = screen.statusBarItem(BAR);
    this.report = report;
  }

  pointTo(target) {
    fs.rmSync(this.python);
    fs.symlinkSync(target, this.python);
  }

  async breaks(target) {
    this.pointTo(target);
    const isSaid = async () => (await this.bar.textContent()).includes(".venv is broken");
    await this.report.soon(`the Python is at ${target}, and the status bar says that it is gone`, isSaid);
  }

  async mend() {
    this.pointTo(this.works);
    await this.report.soon("it is back", async () => !(await this.bar.isVisible()));
  }
}

async function asks(screen, environment, settings, report) {
  const { page } = screen;
  const toast = (text) => page.locator(".notifications-toasts .notification-list-item", { hasText: text });
  const question = (target) => toast(`leads to \`${target}\``);
  const all = () => page.locator(".notifications-toasts .notification-list-item").allInnerTexts();
  const press = (target, answer) => question(target).locator(".monaco-button", { hasText: answer }).click();
  const isNotAsked = async (what) => {
    await page.waitForTimeout(LONGER_THAN_ITS_PATIENCE);
    const seen = await all();
    report.check(seen.length === 0, what, seen);
  };

  await report.soon("the project is served", async () => (await screen.squiggles()) === 1);
  await environment.breaks("/nowhere/for-a-moment");
  await environment.mend();
  await isNotAsked("nothing is asked about what lasted a moment");

  await environment.breaks("/nowhere/python3");
  await report.soon("what lasts is asked about", () => question("/nowhere/python3").isVisible(), all);
  await screen.picture("question");
  await press("/nowhere/python3", "Show import roots");
  await report.soon("`Show import roots` shows them", () =>
    page.locator(".tab.active", { hasText: /roots/i }).isVisible(),
  );
  await report.soon("and the question is gone", async () => (await all()).length === 0, all);
  await screen.picture("roots");
  await screen.palette("View: Close Editor");

  await environment.mend();
  await environment.breaks("/nowhere/python3");
  await isNotAsked("the same is not asked again");

  await environment.mend();
  await environment.breaks("/elsewhere/python3");
  await report.soon("another cause is", () => question("/elsewhere/python3").isVisible(), all);
  await press("/elsewhere/python3", "Show the command that helps");
  await report.soon(
    "`Show the command that helps` shows a command line",
    () => toast("Run in a terminal: ").isVisible(),
    all,
  );
  const terminals = await page.locator(".terminal-wrapper, .integrated-terminal").count();
  report.check(terminals === 0, "and nothing is run", terminals);
  await screen.palette("Notifications: Clear All Notifications");

  await environment.mend();
  await turnOff(screen, "fromwhere.prompts", settings, report);
  await environment.breaks("/third/python3");
  await isNotAsked("nothing is asked where the setting says so");
}

/** Takes the mark out of a setting's box, as one does in the settings' editor. */
async function turnOff(screen, setting, file, report) {
  const { page } = screen;
  await screen.palette("Preferences: Open Settings (UI)");
  await page.locator(".settings-editor .suggest-input-container .monaco-editor").click();
  await page.keyboard.type(`@id:${setting}`);
  // Until the list has become short, it begins with other settings.
  const item = page.locator(".settings-editor .setting-item-contents", { hasText: "Whether VS Code asks" });
  await item.locator(".setting-value-checkbox").click();
  await report.soon("the setting is turned off", () => fs.readFileSync(file, "utf8").includes(`"${setting}": false`));
  await screen.picture("settings");
  // It lies above everything in newer VS Code, and is a tab in older.
  await page.keyboard.press("Escape");
  await page.locator(".tab", { hasText: "books.py" }).click();
}
