// Which program is the server. In: the setting, what the extension brings, PATH. Out: one absolute path and why.
//
// Invariant: an untrusted workspace has no say in it, and no relative path is ever tried: it would lead into the
// workspace.

import * as fs from "node:fs";
import * as path from "node:path";

export interface Program {
  path: string;
  /** Where it was found, in words. */
  source: string;
}

export interface Places {
  /** The setting `fromwhere.path`. */
  configured: string | undefined;
  isTrusted: boolean;
  /** The extension's folder, which has the program inside where it was packaged for a platform. */
  extension: string;
  /** The environment variable `PATH`. */
  searchPath: string | undefined;
  /** The workspace's folders. */
  workspace: string[];
}

/** Returns the server to run, or a line that says why there is none. */
export function findProgram(places: Places): Program | string {
  if (places.configured && places.isTrusted) {
    // What was named is what runs: no other is taken in its place.
    if (!path.isAbsolute(places.configured)) {
      return `\`fromwhere.path\` is not an absolute path: ${places.configured}`;
    }
    return isProgram(places.configured)
      ? { path: places.configured, source: "setting `fromwhere.path`" }
      : `\`fromwhere.path\` names no program: ${places.configured}`;
  }
  const name = process.platform === "win32" ? "fromwhere.exe" : "fromwhere";
  const bundled = path.join(places.extension, "bundled", "bin", name);
  if (isProgram(bundled)) return { path: bundled, source: "bundled" };
  for (const directory of (places.searchPath ?? "").split(path.delimiter)) {
    const candidate = path.join(directory, name);
    if (!path.isAbsolute(directory) || !isProgram(candidate)) continue;
    if (!places.isTrusted && isInside(candidate, places.workspace)) continue;
    return { path: candidate, source: "PATH" };
  }
  return "`fromwhere` is neither bundled nor on PATH; set `fromwhere.path`";
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Whether a file lies in one of the folders, by its name or where its links lead. */
function isInside(file: string, folders: string[]): boolean {
  const lies = (below: string, above: string) => {
    const relative = path.relative(above, below);
    return relative !== "" && !relative.startsWith("..") && !path.isAbsolute(relative);
  };
  return folders.some((folder) => lies(file, folder) || lies(real(file), real(folder)));
}

function real(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}
