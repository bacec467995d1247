"""Cases (functions) that are run and printed as TAP, which tools/test-summary counts."""
import traceback


class Skip(Exception):
    """Raised by a case that cannot run here, with the reason."""


def run(cases, only=()):
    """Runs the cases, or those of these names, prints TAP, and returns the exit status."""
    failed = 0
    cases = [c for c in cases if not only or c.__name__ in only]
    print(f"1..{len(cases)}", flush=True)
    for number, function in enumerate(cases, 1):
        name = function.__name__.replace("_", " ")
        try:
            function()
            print(f"ok {number} - {name}", flush=True)
        except Skip as why:
            print(f"ok {number} - {name} # SKIP {why}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} - {name}", flush=True)
            for line in traceback.format_exc().splitlines():
                print(f"# {line}", flush=True)
    return 1 if failed else 0
