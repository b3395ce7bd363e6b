// What a user does and sees: squiggles, hover, the Problems panel, quick fixes by keyboard, the status bar; and that the
// server is gone afterwards. In: a browser and what is installed. Out: whether all of it held.

import * as fs from "node:fs";
import * as path from "node:path";
import { CodeServer } from "./editor.mjs";
import { Report } from "./report.mjs";
import { Screen } from "./screen.mjs";
import { makeProject } from "./world.mjs";

const BAR = "fromwhere.fromwhere.fromwhere.environment";

/** How many processes run a program, as the system sees them. */
function processes(program) {
  return fs.readdirSync("/proc").filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      return fs.readlinkSync(`/proc/${entry}/exe`) === program;
    } catch {
      return false;
    }
  }).length;
}

export async function asAUser(browser, { place, node, work, extensions, program, pictures }) {
  const report = new Report();
  const project = makeProject(path.join(work, "user", "catalogue"));
  const options = { place, node, work: path.join(work, "user-server"), extensions };
  const server = await CodeServer.start(options);
  try {
    await edits(browser, server, project, program, report, pictures);
  } catch (error) {
    report.check(false, "the user's part ran to its end", error.stack);
  }
  await leaves(browser, server, project, program, report);
  const complaints = server.complaints();
  report.check(complaints.length === 0, "no error is logged", complaints);
  return report.end();
}

async function edits(browser, server, project, program, report, pictures) {
  const { screen, context } = await Screen.open(browser, server, project, "src/catalogue/books.py", pictures);
  const { page } = screen;
  try {
    await report.soon("the import of Debian's module is underlined", async () => (await screen.squiggles()) === 1);
    report.check(processes(program) === 1, "one server runs", processes(program));
    await page.locator(".monaco-workbench .part.sidebar").waitFor();
    await screen.palette("View: Toggle Primary Side Bar Visibility");

    await screen.hover("import yaml", "yaml");
    await report.soon(
      "hover says where it comes from",
      // The diagnostic stands there first, and names the package too.
      async () => /python3-yaml.*dist-packages/s.test(await screen.hoverText()),
      () => screen.hoverText(),
    );
    const hover = await screen.hoverText();
    report.check(/import-from-os/.test(hover), "and the rule", hover);
    await screen.picture("hover", { x: 0, y: 0, width: 1000, height: 420 });

    await screen.palette("Problems: Focus on Problems View");
    const row = page.locator(".markers-panel .monaco-list-row", { hasText: "python3-yaml" }).first();
    await report.soon("the Problems panel lists it", () => row.isVisible());
    const said = await row.textContent();
    report.check(/fromwhere/.test(said) && /import-from-os/.test(said), "with source and code", said);
    const links = await page.locator(".markers-panel a", { hasText: "import-from-os" }).count();
    report.check(links > 0, "the code is a link to its page", links);
    await screen.palette("View: Toggle Panel Visibility");

    const bar = screen.statusBarItem(BAR);
    report.check(!(await bar.isVisible()), "the status bar is silent, as all is well");
    const titles = await screen.openFixes("import yaml", "yaml");
    report.check(/^Add/.test(titles[0]), "quick fixes are offered, the declaration first", titles);
    await screen.picture("fixes", { x: 0, y: 0, width: 1000, height: 420 });
    await screen.takeFix("Ignore");
    await report.soon("a fix that is picked by keyboard applies", async () =>
      /# fromwhere: ignore/.test((await screen.line("import yaml").textContent()).replaceAll("\u00a0", " ")),
    );
    await report.soon("and its squiggle goes away", async () => (await screen.squiggles()) === 0);
    await page.keyboard.press("Control+z");
    await report.soon("undo brings it back", async () => (await screen.squiggles()) === 1);

    await screen.openFixes("import yaml", "yaml");
    await screen.takeFix("Allow `yaml`");
    // VS Code opens what a fix has changed, and leaves it to be saved.
    await report.soon("a fix in pyproject.toml opens it", () =>
      page.locator(".tab.dirty", { hasText: "pyproject.toml" }).isVisible(),
    );
    await screen.palette("File: Save All Files");
    await report.soon("and it is written when it is saved", () => {
      return /allow = \["yaml"\]/.test(fs.readFileSync(path.join(project, "pyproject.toml"), "utf8"));
    });
    await report.soon("and its squiggle goes away", async () => (await screen.squiggles()) === 0);

    const python = path.join(project, ".venv/bin/python3");
    const target = fs.readlinkSync(python);
    fs.rmSync(python);
    fs.symlinkSync("/nowhere/python3", python);
    await report.soon(
      "a broken environment is said in the status bar, with no key pressed",
      async () => (await bar.textContent()).includes(".venv is broken"),
      () => bar.textContent().catch(String),
    );

    fs.rmSync(python);
    fs.symlinkSync(target, python);
    await report.soon("and no longer when it works again", async () => !(await bar.isVisible()));

    await selects(screen, project, bar, report);

    await screen.palette("fromwhere: Show Logs");
    await report.soon("Show Logs opens the log, which names the program", async () => {
      const text = await page.locator(".output-view-content, .panel .view-lines").allInnerTexts();
      return text.join("\n").replaceAll("\u00a0", " ").includes("(bundled)");
    });
  } finally {
    if (report.failed > 0) await screen.picture("failure");
    await context.close();
  }
}

/** Without an extension that knows interpreters, Select Interpreter asks for the setting. */
async function selects(screen, project, bar, report) {
  const { page } = screen;
  const settings = path.join(project, ".vscode/settings.json");
  const chosen = () => JSON.parse(fs.readFileSync(settings, "utf8"))["fromwhere.python"];
  const choose = async (text) => {
    const title = "fromwhere: Select Interpreter";
    await screen.palette(title, page.locator(".quick-input-title", { hasText: title }));
    const input = page.locator(".quick-input-widget input.input");
    const before = await input.inputValue();
    await input.fill(text);
    await page.keyboard.press("Enter");
    return before;
  };
  report.check((await choose("nowhere/.venv")) === "", "Select Interpreter asks for the setting, which is empty");
  await report.soon("what is typed is the setting of the folder", () => chosen() === "nowhere/.venv");
  await report.soon(
    "and takes effect",
    async () => (await bar.textContent()).includes("nowhere/.venv"),
    () => bar.textContent().catch(String),
  );
  report.check((await choose("")) === "nowhere/.venv", "asked again, it shows what is set");
  await report.soon("empty, the setting is gone", () => chosen() === undefined);
  await report.soon("and the environment is the project's own", async () => !(await bar.isVisible()));
}

/** The server ends with its window, and with its extension host, however that ends. */
async function leaves(browser, server, project, program, report) {
  await report.soon("the server is gone when the window is closed", () => processes(program) === 0);
  const { context } = await Screen.open(browser, server, project, "src/catalogue/books.py");
  await report.soon("another window starts another one", () => processes(program) === 1);
  await server.end("SIGKILL");
  await report.soon(
    "it is gone when VS Code is killed",
    () => processes(program) === 0,
    () => processes(program),
  );
  await context.close();
}
