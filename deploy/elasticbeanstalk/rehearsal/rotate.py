"""The hourly rotation: the files of /etc/logrotate.elasticbeanstalk.hourly, the platform's and those that a bundle put there, as logrotate reads them.

Understood: size, rotate, compress, copytruncate, create, missingok, notifempty, olddir, dateext, dateformat, sharedscripts, postrotate, su. A word that
is not is an error, as one that is overlooked would be a rehearsal that shows nothing.
"""
import glob
import gzip
import shutil
import time

from . import Failed

FOLDER = "/etc/logrotate.elasticbeanstalk.hourly"
PLATFORM = {
    "web-stdout": "/var/log/*.stdout.log {\n    su root root\n    size 10M\n    rotate 5\n    missingok\n    compress\n    notifempty\n    copytruncate\n    dateext\n"
    "    dateformat %s\n    olddir /var/log/rotated\n}\n",
    "nginx": "/var/log/nginx/*.log {\n    su root root\n    size 10M\n    rotate 5\n    missingok\n    compress\n    notifempty\n    dateext\n    dateformat %s\n"
    "    olddir /var/log/nginx/rotated\n    create\n    sharedscripts\n    postrotate\n        [ ! -f /var/run/nginx.pid ] || kill -USR1 `cat /var/run/nginx.pid`\n"
    "    endscript\n}\n",
}
FLAGS = ("compress", "copytruncate", "missingok", "notifempty", "dateext", "sharedscripts", "delaycompress", "nocompress", "nodateext", "ifempty")
VALUES = ("size", "rotate", "olddir", "dateformat", "su", "create", "maxage", "minsize", "maxsize", "hourly", "daily", "weekly", "monthly", "nocreate")


def write_platform(root):
    for name, text in PLATFORM.items():
        root.write(f"{FOLDER}/logrotate.elasticbeanstalk.{name}.conf", text)


def wrong(file, line):
    return Failed("log rotation", f"{file}: \"{line}\" is not understood", "see logrotate(8); the rehearsal knows the words that the platform's own files have")


def parse(text, file):
    """Yields (patterns, {word: value}) of a file."""
    patterns, rules, script = [], None, None
    for raw in text.splitlines():
        line = raw.split("#")[0].strip()
        if script is not None:
            if line == "endscript":
                rules["postrotate"], script = "\n".join(script), None
            else:
                script.append(raw)
        elif not line:
            continue
        elif rules is None:
            patterns += line.replace("{", " ").split()
            rules = {} if line.endswith("{") else None
        elif line == "}":
            yield patterns, rules
            patterns, rules = [], None
        elif line == "postrotate":
            script = []
        else:
            word, _, value = line.partition(" ")
            if word not in FLAGS + VALUES:
                raise wrong(file, line)
            rules[word] = value.strip() or True
    if rules is not None or patterns:
        raise wrong(file, "the end of the file")


def size_of(text):
    units = {"k": 1 << 10, "M": 1 << 20, "G": 1 << 30}
    return int(text[:-1]) * units[text[-1]] if text[-1] in units else int(text)


def one(root, path, rules, smallest):
    """Rotates a file if its time has come; returns whether it did."""
    length = path.stat().st_size
    if length < smallest or (length == 0 and "notifempty" in rules):
        return False
    folder = root.path(rules["olddir"]) if "olddir" in rules else path.parent
    folder.mkdir(parents=True, exist_ok=True)
    stamp = (rules.get("dateformat") if rules.get("dateformat") not in (None, True) else "-%Y%m%d") if "dateext" in rules else ".1"
    target = folder / (path.name + time.strftime(stamp.replace("%s", str(int(time.time()))), time.gmtime()))
    if "copytruncate" in rules:
        shutil.copy2(path, target)
        with open(path, "r+b") as file:
            file.truncate(0)
    else:
        status = path.stat()
        path.rename(target)
        if "create" in rules:
            path.touch(mode=status.st_mode & 0o777)
            if not root.user_namespace:
                shutil.chown(path, status.st_uid, status.st_gid)
    return target


def pack(target):
    with open(target, "rb") as source, gzip.open(f"{target}.gz", "wb") as out:
        shutil.copyfileobj(source, out)
    target.unlink()


def hourly(root, force):
    """Does what the hourly task does, or with FORCE as if all were large enough. Returns the names of what was rotated."""
    done = []
    for file in sorted(root.path(FOLDER).glob("*")):
        for patterns, rules in parse(file.read_text(encoding="utf-8"), file.name):
            smallest = 0 if force else size_of(rules["size"]) if "size" in rules else 0
            rotated = []
            for pattern in patterns:
                for name in sorted(glob.glob(str(root.path(pattern)))):
                    path = root.path(name[len(str(root.folder)):])
                    target = one(root, path, rules, smallest)
                    if target:
                        rotated.append(target)
                        done.append(str(path.relative_to(root.folder / "var/log")))
            if rotated and "postrotate" in rules:
                root.run(["/bin/sh", "-c", rules["postrotate"]])
                time.sleep(0.2)  # nginx opens its logs again before the old ones are packed
            for target in rotated if "compress" in rules else ():
                pack(target)
            keep(rules, rotated)
    return done


def keep(rules, rotated):
    """The newest of each log, as many as "rotate" says."""
    for target in rotated:
        name = target.name.rsplit(".log", 1)[0] + ".log"
        for old in sorted(target.parent.glob(f"{glob.escape(name)}?*"))[: -int(rules.get("rotate", 0)) or None]:
            old.unlink(missing_ok=True)
