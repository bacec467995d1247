#!/usr/bin/env python3
"""The simulator of bench/capacity: the scaling policy, minutes of processors, the account's quota; all of it without a server.

test_capacity.py SOURCE: prints TAP; ends with 1 when a case failed.
"""
import json
import random
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

sys.dont_write_bytecode = True
SOURCE = Path(sys.argv[1])
sys.path[:0] = [str(SOURCE / "bench/capacity"), str(SOURCE / "tests/integration")]
import plot  # noqa: E402  pylint: disable=wrong-import-position
import simulate  # noqa: E402  pylint: disable=wrong-import-position
from tap import run  # noqa: E402  pylint: disable=wrong-import-position

ASSUMED = json.loads((SOURCE / "bench/capacity/assumptions.json").read_text(encoding="utf-8"))
POLICY = ASSUMED["policy"]
COSTS = {
    "cpu_ms": {"health": 0.05, "page": 1, "read": 0.3, "decision": 1.4, "export": 15, "chat": 16, "document": 93, "long_document": 1100, "idle": 0.02, "stream": 0.1,
               "rest_a_minute": 14},
    "memory_kb": {"rest": 38000, "review": 750, "idle": 6.4, "stream": 8},
    "tokens": {kind: {"calls": n, "in": 2500 * n, "cache_write": 500 * n, "cache_read": 2000 * n, "out": 700 * n} for kind, n in (("document", 4), ("long_document", 52), ("chat", 1))},
}


def fleet_under(percents, start_minutes=0):
    """What the policy wants after each minute, and the fleet."""
    fleet, wanted = simulate.Fleet(POLICY, start_minutes), []
    for minute, percent in enumerate(percents):
        fleet.end_of(minute, percent)
        wanted.append(fleet.desired)
    return wanted, fleet


def the_policy_is_the_deployment_s():
    assert POLICY == {"least": 3, "most": 15, "above": 70, "add": 2, "below": 30, "remove": 1, "minutes": 3, "cooldown_seconds": 180}


def a_step_of_load_goes_3_5_7():
    assert fleet_under([90] * 9)[0] == [3, 3, 5, 5, 5, 7, 7, 7, 9]


def it_falls_one_at_a_time():
    assert fleet_under([90] * 6 + [10] * 9)[0][6:] == [7, 7, 6, 6, 6, 5, 5, 5, 4]


def it_never_leaves_3_to_15():
    wanted, _ = fleet_under([100] * 60 + [0] * 90)
    assert max(wanted) == 15 and wanted[59] == 15 and min(wanted) == 3 and wanted[-1] == 3
    rng = random.Random(4)
    wanted, _ = fleet_under([rng.choice((0, 20, 50, 80, 100)) for _ in range(3000)])
    assert set(wanted) <= set(range(3, 16))


def the_cooldown_is_kept():
    rng = random.Random(5)
    wanted, _ = fleet_under([rng.choice((0, 100, 100)) for _ in range(3000)])
    changes = [i for i in range(1, len(wanted)) if wanted[i] != wanted[i - 1]]
    assert len(changes) > 100 and min(b - a for a, b in zip(changes, changes[1:])) >= POLICY["cooldown_seconds"] / 60


def between_the_bounds_nothing_changes():
    assert set(fleet_under([70, 70, 70, 30, 30, 30, 50])[0]) == {3}  # more than 70 adds, less than 30 removes


def the_mean_of_three_minutes_counts():
    assert fleet_under([100, 20, 20])[0][-1] == 3  # one hot minute
    assert fleet_under([100, 100, 20])[0][-1] == 5  # 73 %
    assert fleet_under([100, 100])[0][-1] == 3  # not yet three


def an_instance_serves_once_it_has_started():
    _, fleet = fleet_under([90] * 3, start_minutes=4)
    assert fleet.desired == 5
    assert [fleet.in_service(minute) for minute in (3, 6, 7)] == [3, 3, 5]


def a_minute_of_processors_is_computed():
    assert simulate.busy(84, 1, 2) == (70, 0)
    assert simulate.busy(63, 3, 2) == (17.5, 0)
    assert simulate.busy(200, 1, 2) == (100, 80)  # what is left over waits for the next minute


def people_come_and_go_in_straight_lines():
    hours = [0.0] * 24
    hours[9], hours[23] = 1.0, 0.5
    assert simulate.curve(hours, 9 * 60) == 1 and simulate.curve(hours, 8 * 60 + 15) == 0.25 and simulate.curve(hours, 23 * 60 + 30) == 0.25


def chance_has_the_right_mean():
    rng = random.Random(6)
    for mean in (0.2, 3, 40, 400):
        got = sum(simulate.poisson(rng, mean) for _ in range(4000)) / 4000
        assert abs(got - mean) < 0.1 * mean + 0.02, (mean, got)


def the_quota_counts_as_the_provider_does():
    assert simulate.weighted({"in": 100, "cache_write": 10, "cache_read": 1000, "out": 20}, 5) == 210
    quota = {"requests_a_minute": 200, "tokens_a_minute": 1000, "answer_seconds": 30, "max_tokens": 0}
    model = simulate.Model(quota)
    assert model.minute(300, 500) == (1.5, 0.5)  # half a minute's requests wait
    assert model.minute(0, 2500) == (2.5, 1.5)
    assert simulate.Model({**quota, "max_tokens": 40}).minute(10, 800) == (1, 0)  # half of ten calls runs at any time and reserves 40 each


def the_same_seed_gives_the_same_day():
    work = simulate.ours(ASSUMED, COSTS)
    assert simulate.day(ASSUMED, 200, work) == simulate.day(ASSUMED, 200, work)
    assert simulate.day(ASSUMED, 200, work) != simulate.day({**ASSUMED, "seed": 2}, 200, work)


def the_replaced_system_s_table_comes_out():
    """50: 3, 100: 5 to 6, 150: 8 to 10, 200 and more: 12 to 15; the policy adds two at a time, so one more may come."""
    most = {n: max(simulate.day(ASSUMED, n, simulate.replaced(ASSUMED))["desired"]) for n in (50, 100, 150, 200, 500)}
    assert most[50] == 3 and 5 <= most[100] <= 7 and 8 <= most[150] <= 10 and 12 <= most[200] <= 15 and most[500] == 15, most


def work_costs_what_was_measured():
    """A mean minute, and the mean of the simulated minutes of a day at its height."""
    flat = {**ASSUMED, "day": {"hours": [1.0] * 24}, "health_checks_a_minute": 0}
    cpu_s, calls, tokens = simulate.steady(flat, COSTS, 500)
    rows = simulate.day(flat, 500, simulate.ours(flat, COSTS))
    seen = sum(rows["percent"]) / 1440 / 100 * 3 * 2 * 60
    assert abs(seen - cpu_s) < 0.03 * cpu_s and abs(sum(rows["calls"]) / 1440 - calls) < 0.05 * calls, (seen, cpu_s)
    documents = 500 * ASSUMED["one_person_an_hour"]["document"] / 60
    assert calls > documents * 4 and tokens > documents * 4 * (3000 + 5 * 700)


def the_bound_that_binds_first_is_found():
    got = simulate.needed(ASSUMED, COSTS, 500)
    assert got["tokens_quota"] > got["requests_quota"] > got["cpu"] > got["memory"], got
    assert abs(simulate.needed(ASSUMED, COSTS, 1000)["connections"] - 2 * got["connections"]) < 1e-9


def plots_are_well_formed():
    picture = plot.svg("50 people: <instances>", "%", {"a & b": [0, 1, 2, 15], "c": [3, 3, 3, 3]}, ("most", 15))
    assert len(ET.fromstring(picture).findall("{http://www.w3.org/2000/svg}polyline")) == 2
    assert plot.strip([0] * 10 + [8] * 10, 8, 4) == "  ██"


sys.exit(run([
    the_policy_is_the_deployment_s, a_step_of_load_goes_3_5_7, it_falls_one_at_a_time, it_never_leaves_3_to_15, the_cooldown_is_kept, between_the_bounds_nothing_changes,
    the_mean_of_three_minutes_counts, an_instance_serves_once_it_has_started, a_minute_of_processors_is_computed, people_come_and_go_in_straight_lines,
    chance_has_the_right_mean, the_quota_counts_as_the_provider_does, the_same_seed_gives_the_same_day, the_replaced_system_s_table_comes_out, work_costs_what_was_measured,
    the_bound_that_binds_first_is_found, plots_are_well_formed,
]))
