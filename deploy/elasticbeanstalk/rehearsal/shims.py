"""Programs of an instance that this machine has not, or has for itself: systemctl for the units of the instance, and CloudWatch's agent.

systemctl is a script that hands its words to the rehearsal through a pipe and prints the answer. What it is asked for and a rehearsal has not is
refused as systemd refuses it, and remembered for the report.
"""
import os
import threading

SYSTEMCTL = """#!/bin/sh
# systemctl of the rehearsal
exec 9>/run/rehearsal/lock
flock 9
echo "$*" >/run/rehearsal/request
read -r status said </run/rehearsal/reply
[ -z "$said" ] || echo "$said"
exit "$status"
"""
CLOUDWATCH = """#!/bin/sh
# amazon-cloudwatch-agent-ctl of the rehearsal: what it is told to read must be there and JSON
for word in "$@"; do
    case $word in
    file:*)
        python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "${word#file:}" || exit 1
        echo "${word#file:}" >>/run/rehearsal/cloudwatch
        ;;
    esac
done
"""
QUIET = ("daemon-reload", "reset-failed", "enable", "disable")


class Shims:
    """Serves systemctl for an engine."""

    def __init__(self, root, engine):
        self.root, self.engine, self.unknown = root, engine, []
        for name in ("request", "reply"):
            os.mkfifo(root.path(f"/run/rehearsal/{name}"))
        root.write("/opt/rehearsal/bin/systemctl", SYSTEMCTL, 0o755)
        root.write("/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl", CLOUDWATCH, 0o755)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            with open(self.root.path("/run/rehearsal/request"), encoding="utf-8") as source:
                words = [w for w in source.read().split() if not w.startswith("-")]
            status, said = self.answer(words)
            with open(self.root.path("/run/rehearsal/reply"), "w", encoding="utf-8") as out:
                out.write(f"{status} {said}\n")

    def answer(self, words):
        """(exit status, what it prints)."""
        if not words or words[0] in QUIET:
            return 0, ""
        verb, names = words[0], [w.removesuffix(".service") for w in words[1:]]
        said = []
        for name in names:
            status, text = self.one(verb, name)
            said.append(text)
            if status:
                return status, text
        return 0, " ".join(t for t in said if t)

    def one(self, verb, name):
        proxy, unit = self.engine.proxy, self.engine.units.by_name.get(name)
        if name == "nginx":
            actions = {"reload": proxy.reload, "stop": proxy.stop, "start": proxy.start, "restart": lambda: (proxy.stop(), proxy.start())}
            active = proxy.pid() is not None
        elif unit:
            actions = {"restart": lambda: (unit.stop(), self.again(unit)), "stop": unit.stop, "start": lambda: self.again(unit)}
            active = unit.active()
        else:
            self.unknown.append(f"systemctl {verb} {name}")
            return 5, f"Failed to {verb} {name}.service: Unit {name}.service not found."
        if verb in ("is-active", "status"):
            return (0, "active") if active else (3, "inactive")
        if verb not in actions:
            self.unknown.append(f"systemctl {verb} {name}")
            return 1, f"Unknown command verb {verb}."
        actions[verb]()
        return 0, ""

    def again(self, unit):
        self.engine.units.start([(unit.name, unit.command)], unit.env)
