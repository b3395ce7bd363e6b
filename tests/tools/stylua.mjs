// Checks that Lua files are formatted as StyLua does by .editorconfig; with --fix, formats them.
// Usage: node stylua.mjs FOLDER-WITH-NODE_MODULES [--fix] FILE...
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [home, ...rest] = process.argv.slice(2);
const { Config, IndentType, OutputVerification, QuoteStyle, formatCode } = createRequire(resolve(home, "package.json"))(
  "@johnnymorganz/stylua",
);

let unformatted = 0;
for (const file of rest.filter((word) => word !== "--fix")) {
  const config = Config.new();
  config.column_width = 120;
  config.indent_type = IndentType.Spaces;
  config.indent_width = 2;
  config.quote_style = QuoteStyle.AutoPreferSingle;
  const text = readFileSync(file, "utf8");
  const formatted = formatCode(text, config, undefined, OutputVerification.Full);
  if (formatted === text) continue;
  unformatted += 1;
  if (rest.includes("--fix")) writeFileSync(file, formatted);
  console.log(`${rest.includes("--fix") ? "formatted" : "not formatted"}: ${file}`);
}
process.exit(unformatted > 0 && !rest.includes("--fix") ? 1 : 0);
