"""What a server of several processes has used: seen from outside, the same way for ours and for a peer."""
import resource
import threading
import time
from pathlib import Path


def raise_descriptors(wanted):
    """As far as this machine allows; returns how many there are. Programs that are started later inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(soft, most)


class Tree:
    """A process and all that come from it."""

    def __init__(self, pid):
        self.pid = pid

    def pids(self):
        found, todo = [], [self.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            for task in Path(f"/proc/{pid}/task").glob("*"):
                try:
                    todo += map(int, (task / "children").read_text(encoding="ascii").split())
                except (FileNotFoundError, ProcessLookupError):
                    pass  # a thread that ended meanwhile
        return found

    def cpu_ms(self):
        """Of all processes so far, threads that have ended among them: each process has a clock of its own (clock_getcpuclockid)."""
        total = 0.0
        for pid in self.pids():
            try:
                total += time.clock_gettime(~pid << 3 | 2) * 1000
            except OSError:
                pass  # it has ended
        return total

    def _sum_kb(self, file, field):
        total = 0
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/{file}", encoding="ascii") as f:
                    total += next((int(line.split()[1]) for line in f if line.startswith(field)), 0)
            except (FileNotFoundError, ProcessLookupError):
                pass
        return total

    def rss_kb(self):
        """What is resident; what they share counts for each."""
        return self._sum_kb("status", "VmRSS:")

    def pss_kb(self):
        """What is resident, what they share divided among those who share it: for a peer of forked processes."""
        return self._sum_kb("smaps_rollup", "Pss:")


class Most(threading.Thread):
    """The most memory that a tree had, looked at four times a second."""

    def __init__(self, tree):
        super().__init__(daemon=True)
        self.tree, self.most_kb, self.over = tree, 0, threading.Event()

    def run(self):
        while True:
            self.most_kb = max(self.most_kb, self.tree.pss_kb())
            if self.over.wait(0.25):
                return

    def stop(self):
        self.over.set()
        self.join()
        return self.most_kb
