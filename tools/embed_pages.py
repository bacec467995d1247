#!/usr/bin/env python3
"""Makes the pages part of the program: writes a C table of what web/build.mjs made. Run by the build.

embed_pages.py FOLDER OUTPUT: FOLDER has manifest.json and the files that it lists; OUTPUT defines cmd__pages[] (cmd/pages.h).
The output depends on the files' contents and names alone.
"""
import json
import sys
from pathlib import Path


def array(out, name, data):
    out.append(f"static const unsigned char {name}[] = {{")
    out += ["    " + ",".join(map(str, data[i : i + 24])) + "," for i in range(0, len(data), 24)]
    out.append("};")


def view(name):
    return f"{{(const char *){name}, sizeof {name}}}"


def main(folder, output):
    out = ["/* Made by tools/embed_pages.py. */", '#include "cmd/pages.h"', ""]
    rows = []
    for i, file in enumerate(sorted(json.loads((folder / "manifest.json").read_text())["files"], key=lambda f: f["path"].encode())):
        for kind in ("file", "gzip", "brotli"):
            array(out, f"{kind}_{i}", (folder / file[kind]).read_bytes())
        rows.append(
            f"    {{{json.dumps(file['path'])}, {json.dumps(file['type'])}, {view(f'file_{i}')}, {view(f'gzip_{i}')},"
            f" {view(f'brotli_{i}')}, {json.dumps(file['etag'])}, {'true' if file['immutable'] else 'false'}}},"
        )
    out += ["const struct net_asset cmd__pages[] = {", *rows, "};", "const size_t cmd__page_n = sizeof cmd__pages / sizeof *cmd__pages;"]
    output.write_text("\n".join(out) + "\n")


main(Path(sys.argv[1]), Path(sys.argv[2]))
