// A workspace that names a server of its own: it is run when the user trusts the workspace, and not before. In: a browser and
// what is installed. Out: whether that held.

import * as fs from "node:fs";
import * as path from "node:path";
import { CodeServer } from "./editor.mjs";
import { Report } from "./report.mjs";
import { Screen } from "./screen.mjs";
import { makeProject, write } from "./world.mjs";

export async function trusts(browser, { place, node, work, extensions, program, pictures }) {
  const report = new Report();
  const project = makeProject(path.join(work, "trust", "foreign"));
  const mark = path.join(work, "trust", "it-ran");
  const own = write(path.join(project, "server.sh"), `#!/bin/sh\ntouch ${mark}\nexec ${program} "$@"\n`, 0o755);
  write(path.join(project, ".vscode/settings.json"), JSON.stringify({ "fromwhere.path": own }));
  const server = await CodeServer.start({
    place,
    node,
    work: path.join(work, "trust-server"),
    extensions,
    trust: true,
  });
  const { screen, context } = await Screen.open(browser, server, project, "src/catalogue/books.py", pictures);
  try {
    await report.soon("a foreign workspace is served", async () => (await screen.squiggles()) === 1);
    report.check(!fs.existsSync(mark), "and its own server is not run");
    await screen.palette("Workspaces: Manage Workspace Trust");
    await screen.page.locator(".workspace-trust-editor .monaco-button", { hasText: "Trust" }).first().click();
    await report.soon("it is when the user trusts the workspace", () => fs.existsSync(mark));
  } catch (error) {
    report.check(false, "the part about trust ran to its end", error.stack);
    await screen.picture("failure-trust");
  } finally {
    await context.close();
    await server.end();
  }
  const complaints = server.complaints();
  report.check(complaints.length === 0, "no error is logged", complaints);
  return report.end();
}
