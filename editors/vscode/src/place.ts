// One name for a file or folder, however it is written. In: a path of VS Code's or of the server's. Out: a text to compare.
//
// Invariant: two paths are one place only where the system says so: on Windows, where VS Code writes drives small and the
// server large, case and the kind of slash mean nothing.

export function placeOf(path: string, platform: string = process.platform): string {
  return platform === "win32" ? path.replaceAll("/", "\\").toLowerCase() : path;
}
