"""What tests of a deployment bundle share: the program to bundle, a bundle of it, its ELF files."""
import os
import struct
import subprocess
import zipfile
from pathlib import Path

from serve_util import SOURCE
from tap import Skip

EXAMPLE = SOURCE / "deploy" / "elasticbeanstalk" / "bundle.conf"


def plain_program(prism):
    """A build that is shipped as it is: that of the test, or (it is built for sanitizers, which want more than an empty root) the newest other one."""
    if b"__asan_init" not in Path(prism).read_bytes() and b"__tsan_init" not in Path(prism).read_bytes():
        return prism
    others = [p for p in (SOURCE / "build" / kind / "src" / "prism" for kind in ("clang", "release")) if p.is_file()]
    if not others:
        raise Skip("this build has sanitizers, and there is no build/clang or build/release")
    return str(max(others, key=lambda p: p.stat().st_mtime))


def bundle(prism, out, conf=None, *options):
    """Makes a bundle with these settings (text; without it the example); the finished process."""
    path = EXAMPLE
    if conf is not None:
        path = Path(out).with_suffix(".conf")
        path.write_text(conf, encoding="utf-8")
    return subprocess.run([prism, "bundle", "--conf", str(path), "-o", str(out), *options], capture_output=True, text=True, check=False, timeout=300)


def unpack(path, folder):
    """As unzip does: with the modes that the entries have."""
    with zipfile.ZipFile(path) as package:
        for entry in package.infolist():
            target = Path(folder) / entry.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(package.read(entry))
            target.chmod(entry.external_attr >> 16 & 0o7777)
    return Path(folder)


class Elf:
    """What a dynamic file says of itself in its dynamic section, as a loader reads it."""

    def __init__(self, path):
        self.data = Path(path).read_bytes()
        assert self.data[:5] == b"\x7fELF\x02", path
        offset, size, count = struct.unpack_from("<Q14xHH", self.data, 32)
        self.segments = [struct.unpack_from("<IIQQQQQQ", self.data, offset + i * size) for i in range(count)]
        self.interpreter = next((self.data[s[2] : s[2] + s[5]].rstrip(b"\0").decode() for s in self.segments if s[0] == 3), None)
        self.tags = []
        for segment in self.segments:
            if segment[0] == 2:
                for at in range(segment[2], segment[2] + segment[5], 16):
                    self.tags.append(struct.unpack_from("<QQ", self.data, at))
        strings = self.one(5)
        self.strings = self.at(strings) if strings is not None else 0
        self.needed = [self.text(value) for tag, value in self.tags if tag == 1]
        self.versions_needed, self.versions_defined = self.read_needed(), self.read_defined()

    def one(self, wanted):
        return next((value for tag, value in self.tags if tag == wanted), None)

    def at(self, address):
        for kind, _, offset, start, _, size, _, _ in self.segments:
            if kind == 1 and start <= address < start + size:
                return offset + address - start
        raise AssertionError(hex(address))

    def text(self, offset):
        return self.data[self.strings + offset : self.data.index(b"\0", self.strings + offset)].decode()

    def read_needed(self):
        """[(library, version)]"""
        found, first = [], self.one(0x6FFFFFFE)
        at = self.at(first) if first is not None else None
        while at is not None:
            _, count, file, aux, following = struct.unpack_from("<HHIII", self.data, at)
            entry = at + aux
            for _ in range(count):
                _, _, _, name, step = struct.unpack_from("<IHHII", self.data, entry)
                found.append((self.text(file), self.text(name)))
                entry += step
            at = at + following if following else None
        return found

    def read_defined(self):
        found, first = set(), self.one(0x6FFFFFFC)
        at = self.at(first) if first is not None else None
        while at is not None:
            _, _, _, _, _, aux, following = struct.unpack_from("<HHHHIII", self.data, at)
            (name,) = struct.unpack_from("<I", self.data, at + aux)
            found.add(self.text(name))
            at = at + following if following else None
        return found


def root_wrapper(root):
    """The words before a command that is to see nothing but root."""
    words = ["chroot", str(root)] if os.geteuid() == 0 else ["unshare", "--map-root-user", "chroot", str(root)]
    if subprocess.run([*words, "/bin/prism", "version"], capture_output=True, check=False).returncode != 0:
        probe = [*words[:-1], "/", "/bin/true"]
        if subprocess.run(probe, capture_output=True, check=False).returncode != 0:
            raise Skip("this place allows no chroot")
    return words
