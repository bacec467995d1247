// The documents of the tests: the sample report, the corpus beside the checkout, and some that are made here with python-docx.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { Skip } from "./tap.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const python = "/usr/bin/python3"; // Debian's python3-docx lives there

export function files(sample, folder) {
  return {
    sample,
    corpus(name) {
      const path = join(process.env.TEST_SHARED ?? join(here, "../../../shared"), "corpus", name);
      if (!existsSync(path)) throw new Skip("the folder shared/corpus is not there");
      return path;
    },
    // docx_KIND.py of this folder, written once
    made(kind) {
      const path = join(folder, `${kind}.docx`);
      if (!existsSync(path)) execFileSync(python, [join(here, `docx_${kind}.py`), path]);
      return path;
    },
    // some bytes under some name
    bytes(name, data) {
      const path = join(folder, name);
      writeFileSync(path, data);
      return path;
    },
    copy(name, from) {
      return this.bytes(name, readFileSync(from));
    },
    // {paragraphs, comments}
    judge: (path) => JSON.parse(execFileSync(python, [join(here, "docx_comments.py"), path], { encoding: "utf8", maxBuffer: 1 << 26 })),
  };
}
