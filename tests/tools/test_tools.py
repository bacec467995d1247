#!/usr/bin/env python3
"""The checks of tools/ find what they are for: each case builds a small tree with one fault, or none, and looks at the verdict.

test_tools.py SOURCE_ROOT MKDOCX: prints TAP.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

SOURCE, MKDOCX = Path(sys.argv[1]), sys.argv[2]


def run(*command, **environment):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, env={**os.environ, **environment})
    return done.returncode, done.stdout + done.stderr


def tree(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def includes(folder, files):
    """What check_includes.py says of a tree, its "take the permission away" lines aside unless they are asked for."""
    return run(SOURCE / "tools/check_includes.py", tree(folder, files))[1]


def forbidden_direction(folder):
    out = includes(folder, {"src/doc/a.c": '#include "rules/rules.h"\n', "src/rules/rules.h": "", "src/rules/r.c": ""})
    assert "src/doc/a.c:1: doc may not include rules" in out, out


def allowed_direction(folder):
    out = includes(folder, {"src/rules/a.c": '#include "doc/model.h"\n#include "base/str.h"\n', "src/doc/model.h": "", "src/base/str.h": ""})
    assert "src/rules/a.c" not in out, out


def private_header(folder):
    out = includes(folder, {"src/cmd/a.c": '#include "doc/read_priv.h"\n', "src/doc/read_priv.h": ""})
    assert "is private to doc" in out, out


def library_in_the_wrong_file(folder):
    out = includes(folder, {"src/doc/a.c": "#include <zip.h>\n"})
    assert "src/doc/a.c:1: <zip.h> only in" in out, out


def settings(folder, serve):
    rows = '#define CONF_SETTINGS(N, C, P, T, L) \\\n    N(port, "PORT", 1, 0, 9, "x") \\\n    T(bind, "PRISM_BIND", "", f, "y", "z")\n'
    return run(SOURCE / "tools/check_settings.py", tree(folder, {"src/conf/settings.h": rows, **serve}))


def setting_that_nothing_reads(folder):
    code, out = settings(folder, {"src/cmd/serve.c": "use(conf->port, bind);", "src/conf/conf.c": "use(c->bind);"})
    assert code == 1 and "PRISM_BIND is declared, and nothing reads conf.bind" in out and "PORT" not in out, out


def settings_that_are_read(folder):
    assert settings(folder, {})[0] == 0
    code, out = settings(folder, {"src/cmd/serve.c": "use(conf->port);", "src/cmd/other.c": "use(c.bind);"})
    assert code == 0 and not out, out


def sql(folder, name, text):
    return run(SOURCE / "tools/check_sql.py", tree(folder, {name: text}))


def sql_outside_of_the_store(folder):
    code, out = sql(folder, "src/api/a.c", 'x();\nrun("SELECT a, b"\n    " FROM finding");\n')
    assert code == 1 and "src/api/a.c:2: SQL outside of src/store/" in out, out


def words_that_are_no_sql(folder):
    code, out = sql(folder, "src/api/a.c", '/* "DELETE FROM x" */ say("select one from many", \'"\'); // "DROP TABLE x"\n')
    assert code == 0 and not out, out


def sql_with_text_in_it(folder):
    code, out = sql(folder, "src/store/a.c", 'sb_printf(&b, "SELECT a FROM %.*s", x);')
    assert code == 1 and "text is put into SQL" in out, out


def statement_that_is_no_constant(folder):
    code, out = sql(folder, "src/store/a.c", "store__drv_prepare(d, built, &s, e);")
    assert code == 1 and "a statement is prepared from built" in out, out
    code, out = sql(folder, "src/store/a.c", "store__drv_prepare(d, store__sql[i], &s, e);")
    assert code == 0 and not out, out


def unknown_library(folder):
    out = includes(folder, {"src/doc/a.c": "#include <libxml/parser.h>\n"})
    assert "<libxml/parser.h> is not in the table" in out, out


def own_header_first(folder):
    out = includes(folder, {"src/base/a.c": "#include <string.h>\n", "src/base/a.h": ""})
    assert 'src/base/a.c:1: its own header "base/a.h" comes first' in out, out


def unit_test_of_a_lower_module(folder):
    out = includes(folder, {"tests/unit/base/test_a.c": '#include "doc/model.h"\n', "src/doc/model.h": ""})
    assert "base may not include doc" in out, out


def unused_permission(folder):
    out = includes(folder, {"src/rules/a.c": "", "src/doc/a.c": "", "src/doc/package.c": ""})
    assert "nothing in rules includes doc: take the permission away" in out, out
    assert "src/doc/package.c does not include <zip.h>: take the permission away" in out, out


def symbols(folder, sources):
    tree(folder, sources)
    for name in sources:
        target = folder / "build" / Path(name).parent / "lib.a.p" / (Path(name).name + ".o")
        target.parent.mkdir(parents=True, exist_ok=True)
        code, out = run("gcc", "-O0", "-w", "-c", folder / name, "-o", target)
        assert code == 0, out
    return run(SOURCE / "tools/check_symbols.py", folder / "build")


def banned_function(folder):
    code, out = symbols(folder, {"src/base/a.c": "#include <stdlib.h>\nint main(void) { return atoi(getenv(\"A\")); }\n"})
    assert code == 1 and "src/base/a.c: calls atoi()" in out, out


def used_by_one_file(folder):
    code, out = symbols(folder, {"src/base/a.c": "int a_one(void) { return 1; }\nint main(void) { return a_one(); }\n"})
    assert code == 1 and "a_one is used by no other file" in out, out


def used_by_two_files(folder):
    code, out = symbols(folder, {"src/base/a.c": "int a_one(void) { return 1; }\n", "src/main.c": "int a_one(void);\nint main(void) { return a_one(); }\n"})
    assert code == 0 and not out, out


def summary(folder, *tests, steps=None):
    log = folder / "testlog.json"
    log.write_text("".join(json.dumps(dict(zip(("name", "result", "stdout"), t))) + "\n" for t in tests), encoding="utf-8")
    more = [tree(folder, {"steps": steps}) / "steps"] if steps else []
    code, out = run(SOURCE / "tools/test-summary", log, *more)
    return code, out.splitlines()[-1]


def counts_cases(folder):
    got = summary(folder, ("a", "OK", "1..3\nok 1 - x\nok 2 - y\nnot ok 3 # SKIP z\n"), ("b", "OK", ""))
    assert got == (0, "3 passed, 0 failed, 1 skipped"), got


def counts_a_failed_case(folder):
    got = summary(folder, ("a", "FAIL", "1..2\nok 1 - x\nnot ok 2 - y\n"))
    assert got == (1, "1 passed, 1 failed, 0 skipped"), got


def counts_a_crash(folder):
    got = summary(folder, ("a", "FAIL", "1..5\nok 1 - x\n"), ("b", "TIMEOUT", ""), ("c", "FAIL", "1..1\nok 1 - leaks at exit\n"))
    assert got == (1, "2 passed, 6 failed, 0 skipped"), got


def counts_steps(folder):
    got = summary(folder, ("a", "OK", ""), steps="ok    formatting\nWRONG lengths\n      ok not at the start\n")
    assert got == (1, "2 passed, 1 failed, 0 skipped"), got


def no_test_is_a_failure(folder):
    got = summary(folder, steps="ok    formatting\n")
    assert got == (1, "1 passed, 0 failed, 0 skipped"), got


def packs_the_same_bytes(folder):
    parts = {"word/document.xml": "<a/>", "[Content_Types].xml": "<b/>", "_rels/.rels": "<c/>"}
    tree(folder / "in", parts)
    assert run(MKDOCX, folder / "in", folder / "one.docx", TZ="Asia/Tokyo") == (0, "")
    os.utime(folder / "in/word/document.xml", (1, 1))
    assert run(MKDOCX, str(folder / "in") + "/", folder / "two.docx", TZ="UTC") == (0, "")
    assert (folder / "one.docx").read_bytes() == (folder / "two.docx").read_bytes()
    with zipfile.ZipFile(folder / "one.docx") as z:
        assert z.namelist() == ["[Content_Types].xml", "_rels/.rels", "word/document.xml"], z.namelist()
        assert {n: z.read(n).decode() for n in z.namelist()} == parts


CASES = [
    forbidden_direction, allowed_direction, private_header, library_in_the_wrong_file, unknown_library, own_header_first,
    unit_test_of_a_lower_module, unused_permission, banned_function, used_by_one_file, used_by_two_files, counts_cases,
    counts_a_failed_case, counts_a_crash, counts_steps, no_test_is_a_failure, packs_the_same_bytes, setting_that_nothing_reads,
    settings_that_are_read, sql_outside_of_the_store, words_that_are_no_sql, sql_with_text_in_it, statement_that_is_no_constant,
]  # fmt: skip


def main():
    failed = 0
    print(f"1..{len(CASES)}")
    for i, case in enumerate(CASES, 1):
        folder = Path(tempfile.mkdtemp(prefix="prism-tools-"))
        try:
            case(folder)
            print(f"ok {i} - {case.__name__}")
        except AssertionError as error:
            failed += 1
            print(f"not ok {i} - {case.__name__}")
            print("\n".join("# " + line for line in str(error).splitlines()))
        finally:
            shutil.rmtree(folder)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
