"""A source bundle: what the service looks at when it is uploaded, before any instance sees it."""
import hashlib
import os
import re
import stat
import zipfile
from pathlib import Path, PurePosixPath

import yaml

from . import Failed, options

BYTES_MAX = 512 << 20
PROCESS = re.compile(r"^[A-Za-z0-9_-]+:\s*[^\s].*$")
SECTIONS = ("option_settings", "packages", "sources", "files", "users", "groups", "commands", "container_commands", "services", "Resources",
            "Outputs", "Parameters", "Mappings", "Conditions")  # fmt: skip
MANAGERS = ("yum", "rpm", "rubygems", "python")
COMMAND_KEYS = {"command", "env", "cwd", "test", "ignoreErrors"}
FILE_KEYS = {"content", "source", "mode", "owner", "group", "encoding", "authentication"}


def refused(error, advice):
    return Failed("source bundle", error, advice, [error])


class Loader(yaml.SafeLoader):
    """YAML as the service reads it; a name that stands twice in one section is an error here, as the first would be lost in silence."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"found duplicate key {name}", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


class Extension:
    """One file of .ebextensions."""

    def __init__(self, name, text, version):
        self.name = name
        try:
            value = yaml.load(text, Loader)  # noqa: S506 - a SafeLoader
        except yaml.YAMLError as why:
            tab = " (Do not use \\t(TAB) for indentation)" if "\\t" in str(why) else ""
            said = " ".join(str(why).split())
            raise refused(f"The configuration file {name} in application version {version} contains invalid YAML or JSON. YAML exception: Invalid Yaml: "
                          f"{said}{tab}. Update the configuration file.", f"correct {name}: indent with spaces, never with tabs") from None  # fmt: skip
        if not isinstance(value, dict) or not value:
            raise refused(f"The configuration file {name} in application version {version} is not a map of sections. Update the configuration file.",
                          f"{name} must begin with a section such as \"option_settings:\"")  # fmt: skip
        for section in value:
            if section not in SECTIONS:
                raise refused(f"The configuration file {name} in application version {version} contains the unknown section '{section}'. Update the "
                              "configuration file.", f"sections are: {', '.join(SECTIONS)}; capitals count")  # fmt: skip
        self.value = value
        self.check_rows("commands", COMMAND_KEYS, "command")
        self.check_rows("container_commands", COMMAND_KEYS | {"leader_only"}, "command")
        self.check_rows("files", FILE_KEYS, None)
        for manager in self.section("packages"):
            if manager not in MANAGERS:
                raise refused(f"{name}: packages: there is no package manager {manager} on Amazon Linux", f"managers are: {', '.join(MANAGERS)}")

    def section(self, name):
        """A section as a map; an empty one is none."""
        value = self.value.get(name) or {}
        if name != "option_settings" and not isinstance(value, dict):
            raise refused(f"{self.name}: {name} is not a map", f"write {name}: and below it, indented, a name for each entry")
        return value

    def check_rows(self, section, known, needed):
        for row, value in self.section(section).items():
            if not isinstance(value, dict) or set(value) - known or (needed and needed not in value):
                raise refused(f"{self.name}: {section}: {row} has {', '.join(value) if isinstance(value, dict) else 'no map'}",
                              f"keys of {section} are: {', '.join(sorted(known))}" + (f"; {needed} is needed" if needed else ""))  # fmt: skip

    def settings(self):
        """Yields (namespace, name, value) of option_settings in either of its two forms."""
        section = self.value.get("option_settings") or {}
        if isinstance(section, list):
            for row in section:
                if not isinstance(row, dict) or "option_name" not in row or "value" not in row:
                    raise refused(f"{self.name}: option_settings: a row without option_name and value", "give namespace, option_name and value in each row")
                yield row.get("namespace", options.ENVIRONMENT), str(row["option_name"]), row["value"]
            return
        for namespace, rows in section.items():
            if not isinstance(rows, dict):
                # the short form: names of environment properties without a namespace
                rows, namespace = {namespace: rows}, options.ENVIRONMENT
            for name, value in rows.items():
                yield namespace, str(name), value


class Bundle:
    """Reads and checks PATH; raises Failed with what the service or the engine would say."""

    def __init__(self, path, label=None):
        self.path = Path(path)
        self.label = label or self.path.stem
        try:
            size = self.path.stat().st_size
        except OSError as why:
            raise refused(f"{path}: {why.strerror}", "give the path of a bundle, as `prism bundle -o app.zip` writes it") from None
        if size > BYTES_MAX:
            raise refused(f"The source bundle has {size} bytes; Elastic Beanstalk takes {BYTES_MAX} (512 MB) at most", "leave out what the program does not need")
        try:
            self.zip = zipfile.ZipFile(self.path)
        except zipfile.BadZipFile:
            raise refused(f"{path} is not a zip file", "a source bundle is a .zip (or .war); make one with `prism bundle -o app.zip`") from None
        self.size, self.sha256 = size, hashlib.sha256(self.path.read_bytes()).hexdigest()
        self.names = {i.filename: i for i in self.zip.infolist()}
        self.check_names()
        self.remarks = []
        self.extensions = [Extension(n, self.text(n), self.label) for n in sorted(self.names) if re.fullmatch(r"\.ebextensions/[^/]+\.config", n)]
        self.settings = self.all_settings()

    def text(self, name):
        try:
            return self.zip.read(name).decode("utf-8")
        except UnicodeDecodeError:
            raise refused(f"{name} is not UTF-8 text", "write the file as UTF-8") from None

    def check_names(self):
        for name in self.names:
            parts = PurePosixPath(name).parts
            if name.startswith("/") or ".." in parts or "\\" in name:
                raise refused(f"{name} is no path inside the bundle", "make the zip from inside of its folder: cd folder && zip -r ../app.zip .")

    def all_settings(self):
        """{namespace: {name: (value, file)}}: files in the order of their names, the later one wins."""
        found = {}
        for extension in self.extensions:
            for namespace, name, value in extension.settings():
                if isinstance(value, (dict, list)):
                    raise options.refused(extension.name, f"Invalid option value: (Namespace: '{namespace}', OptionName: '{name}'): Value is not a text",
                                          "an option has one value")  # fmt: skip
                value = options.as_text(value)
                options.check_one(extension.name, namespace, name, value)
                found.setdefault(namespace, {})[name] = (value, extension.name)
        options.check_together(found)
        return found

    def option(self, namespace, name, default):
        return self.settings.get(namespace, {}).get(name, (default,))[0]

    def properties(self):
        """The environment properties of the bundle."""
        return {name: value for name, (value, _) in self.settings.get(options.ENVIRONMENT, {}).items()}

    def extract(self, folder):
        """Unpacks with the modes that the zip has, as unzip does: one that was made elsewhere than on Unix has none."""
        for name, info in self.names.items():
            target = Path(folder) / name
            if name.endswith("/"):
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            mode = info.external_attr >> 16 if info.create_system == 3 else 0
            if stat.S_ISLNK(mode):
                os.symlink(self.zip.read(name).decode(), target)
                continue
            with self.zip.open(name) as source, open(target, "wb") as out:
                while piece := source.read(1 << 20):
                    out.write(piece)
            target.chmod(stat.S_IMODE(mode) or 0o644)

    def processes(self):
        """[(name, command)] of the Procfile, or of the program that the Go branch runs without one."""
        if "Procfile" not in self.names:
            for program in ("application", "bin/application"):
                if program in self.names:
                    return [("web", program)]
            below = sorted(n for n in self.names if n.count("/") == 1 and n.endswith("/Procfile"))
            raise Failed("StageApplication", "there is no Procfile, no Buildfile and no application at the root level of your source bundle",
                         f"the bundle has a folder at its top ({below[0].split('/')[0]}/): zip what is in it, not the folder: cd {below[0].split('/')[0]} && zip -r ../app.zip ."
                         if below else "put a Procfile with \"web: bin/prism serve\" at the top of the bundle",
                         ["Instance deployment failed to find a Procfile. The deployment failed."])  # fmt: skip
        return parsed(self.text("Procfile"), "Procfile", "StageApplication")

    def builds(self):
        return parsed(self.text("Buildfile"), "Buildfile", "StageApplication") if "Buildfile" in self.names else []


def parsed(text, file, step):
    """The lines of a Procfile or Buildfile: [(name, command)]."""
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if not PROCESS.match(line):
            raise Failed(step, f"{file} could not be parsed: line {number}: {line[:200]}",
                         f"each line of {file} is \"name: command\", the name of letters, digits, _ and -: {PROCESS.pattern}",
                         [f"Instance deployment failed: the {file} is invalid. The deployment failed."])  # fmt: skip
        name, _, command = line.partition(":")
        if any(name == n for n, _ in rows):
            raise Failed(step, f"{file}: line {number}: there are two processes {name}", f"name each process of {file} differently",
                         [f"Instance deployment failed: the {file} is invalid. The deployment failed."])  # fmt: skip
        rows.append((name, command.strip()))
    if file == "Procfile" and (not rows or rows[0][0] != "web"):
        raise Failed(step, f"Procfile could not be parsed: the first process is {rows[0][0] if rows else 'missing'}, not web",
                     "the first line of the Procfile must be the web process: \"web: bin/prism serve\"; nginx passes requests to that one",
                     ["Instance deployment failed: the Procfile is invalid. The deployment failed."])  # fmt: skip
    return rows
