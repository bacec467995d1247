// dockerfile.mjs FILE...: what the language server of Dockerfiles has to say of them; its warnings count. Ends with 1 when it says anything.
import { readFileSync } from "node:fs";
import { validate, ValidationSeverity } from "dockerfile-utils";

const strict = Object.fromEntries(
  ["deprecatedMaintainer", "directiveCasing", "emptyContinuationLine", "instructionCasing", "instructionCmdMultiple", "instructionEntrypointMultiple", "instructionHealthcheckMultiple", "instructionJSONInSingleQuotes", "instructionWorkdirRelative"].map((s) => [s, ValidationSeverity.ERROR]),
);
let wrong = 0;
for (const file of process.argv.slice(2)) {
  for (const d of validate(readFileSync(file, "utf8"), strict)) {
    console.error(`${file}:${d.range.start.line + 1}: ${d.message}`);
    wrong++;
  }
}
console.log(`${wrong ? "not ok" : "ok"} dockerfile: ${process.argv.length - 2} files`);
process.exit(wrong ? 1 : 0);
