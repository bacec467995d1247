#!/usr/bin/env python3
"""Holds every #include to the directions of docs/architecture.md.

The tables below are the rule. A room that is not there yet is skipped; a permission that nothing uses is an error, so the tables
cannot rot. Unit tests of a module may include what the module may; integration and fuzz code may include every room,
and a fuzz target also what is private to one.

check_includes.py [ROOT]: prints what is wrong, one line each, and ends with 1 if anything is.
"""
import re
import sys
from pathlib import Path

# module -> the modules that it may include, besides itself and base
MODULES = {
    "ai": ["client"],
    "base": [],
    "blob": [],
    "bus": [],
    "client": [],
    "conf": [],
    "doc": [],
    "net": [],
    "ops": ["conf"],
    "telemetry": ["client"],
    "rules": ["doc"],
    "store": [],
    "auth": ["store"],
    "review": ["ai", "doc", "rules", "store", "blob", "bus"],
    "api": ["ai", "auth", "bus", "net", "review", "rules", "store"],
    "cmd": ["ai", "api", "auth", "blob", "bus", "client", "conf", "doc", "net", "ops", "review", "rules", "store", "telemetry"],
}
MAIN = ["cmd"]  # for src/main.c

# third-party header -> the files that may include it
THIRD_PARTY = {
    "expat.h": ["src/base/xml_expat.c", "tests/fuzz/fuzz_xml.c"],
    "jansson.h": ["src/base/json.c"],
    "openssl/evp.h": ["src/base/hash.c"],
    "openssl/evp.h": ["src/base/hash.c"],
    "utf8proc.h": ["src/base/utf8.c"],
    "libdeflate.h": ["src/doc/deflate.c"],
    "zip.h": [
        "src/doc/package.c",
        "src/ops/bundle_zip.c",
        "src/ops/logs_source.c",
        "src/review/package_zip.c",
        "tools/mkdocx.c",
    ],
    "pcre2.h": ["src/rules/pattern.c"],
    "hunspell/hunspell.h": ["src/rules/spelling.c"],
    "microhttpd.h": ["src/net/answer.c", "src/net/server.c"],
    "gnutls/gnutls.h": ["src/net/tls.c"],
    "gnutls/x509.h": ["src/net/tls.c"],
    "sqlite3.h": ["src/store/drv_sqlite.c"],
    "curl/curl.h": ["src/client/http_easy.c", "src/client/http_loop.c"],
    "zlib.h": ["src/client/eventstream.c", "src/ops/logs_source.c"],
    "cmocka.h": ["tests/"],
}

# the C library and the kernel's interface: free for all
SYSTEM = set(
    """assert.h ctype.h elf.h errno.h link.h fenv.h float.h inttypes.h iso646.h limits.h locale.h math.h setjmp.h signal.h stdalign.h stdarg.h
    stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h stdnoreturn.h string.h strings.h tgmath.h threads.h time.h uchar.h
    wchar.h wctype.h arpa/inet.h dirent.h dlfcn.h execinfo.h fcntl.h fnmatch.h fts.h ftw.h getopt.h glob.h ifaddrs.h libgen.h malloc.h poll.h pthread.h sched.h
    spawn.h sysexits.h termios.h unistd.h sys/file.h sys/ioctl.h sys/mman.h sys/random.h sys/resource.h sys/stat.h sys/statvfs.h sys/time.h
    sys/types.h sys/uio.h sys/wait.h sys/epoll.h sys/eventfd.h sys/prctl.h sys/signalfd.h sys/socket.h sys/un.h netinet/in.h netinet/tcp.h arpa/inet.h sanitizer/asan_interface.h sanitizer/lsan_interface.h""".split()
)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class Checker:
    def __init__(self, root):
        self.root = root
        self.rooms = [m for m in MODULES if (root / "src" / m).is_dir() and any((root / "src" / m).glob("*.c"))]
        self.used = set()  # (module, module) and (header, file) permissions that something needed
        self.wrong = []

    def error(self, path, line, text):
        self.wrong.append(f"{path}:{line}: {text}" if line else f"{path}: {text}")

    def module_of(self, path):
        """Whose permissions a file has: a module, "main", or None for one that may include every room."""
        parts = path.split("/")
        if parts[0] == "src":
            return parts[1] if len(parts) > 2 else "main"
        return parts[2] if parts[:2] == ["tests", "unit"] and len(parts) > 3 else None

    def ours(self, path, line, name):
        owner = self.module_of(path)
        target = name.split("/")[0]
        if target not in MODULES:
            near = self.root / path
            tests = path.startswith(("tests/", "bench/", "tools/"))
            if tests and ((near.parent / name).is_file() or (self.root / "tests" / name).is_file()):
                return
            self.error(path, line, f'"{name}" is neither written from src/ nor a helper of the tests')
            return
        if not (self.root / "src" / name).is_file():
            self.error(path, line, f'"{name}" does not exist')
        if name.endswith("_priv.h") and owner != target and not path.startswith("tests/fuzz/"):
            self.error(path, line, f'"{name}" is private to {target}')
        if owner is None or owner == target:
            return
        allowed = MAIN if owner == "main" else MODULES.get(owner, [])
        if target in allowed:
            if path.startswith("src/"):
                self.used.add((owner, target))
        elif target != "base":
            self.error(path, line, f'{owner} may not include {target} ("{name}")')

    def third_party(self, path, line, name):
        if name in SYSTEM:
            return
        if name not in THIRD_PARTY:
            self.error(path, line, f"<{name}> is not in the table of tools/check_includes.py")
            return
        for allowed in THIRD_PARTY[name]:
            if path == allowed or (allowed.endswith("/") and path.startswith(allowed)):
                self.used.add((name, allowed))
                return
        self.error(path, line, f"<{name}> only in {', '.join(THIRD_PARTY[name])}")

    def file(self, path):
        first = True
        for line, text in enumerate((self.root / path).read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(text)
            if not match:
                continue
            kind, name = match.groups()
            own = path[len("src/") :].removesuffix(".c") + ".h"
            if first and path.startswith("src/") and path.endswith(".c") and (self.root / "src" / own).is_file() and name != own:
                self.error(path, line, f'its own header "{own}" comes first')
            first = False
            self.ours(path, line, name) if kind == '"' else self.third_party(path, line, name)

    def unused(self):
        for module in self.rooms:
            for target in MODULES[module]:
                # cmd may include all: that it does not need one of them today says nothing
                if module != "cmd" and target in self.rooms and (module, target) not in self.used:
                    self.error("tools/check_includes.py", 0, f"nothing in {module} includes {target}: take the permission away")
        for name, files in THIRD_PARTY.items():
            for allowed in files:
                room = allowed.split("/")[1] if allowed.startswith("src/") else None
                if (room is None or room in self.rooms) and (name, allowed) not in self.used:
                    self.error("tools/check_includes.py", 0, f"{allowed} does not include <{name}>: take the permission away")

    def run(self):
        for top in ("src", "tests", "tools", "bench"):
            for path in sorted((self.root / top).rglob("*.[ch]")):
                self.file(path.relative_to(self.root).as_posix())
        self.unused()
        return self.wrong


if __name__ == "__main__":
    wrong = Checker(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent).run()
    print("\n".join(wrong), end="\n" if wrong else "")
    sys.exit(1 if wrong else 0)
