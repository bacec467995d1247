"""Scores a reviewer's findings against the planted defects: recall, precision, and how well the words were met.

A finding has found a defect when it is anchored (the document has exactly the quoted words where it says), says something of the defect's
kind, and its words overlap the defect's. One finding counts for one defect: pairs are made by maximum matching. What is left over is a
double (it hits a defect that another finding has), accepted (listed in the document, with a reason) or false. A finding whose quote is
not in the document is false whatever it says.

Precision is found / (found + false). Accepted findings and doubles are in neither, so that they cannot lift it; hard precision counts
the accepted ones as false as well.
"""
import math
from dataclasses import dataclass, field

from documents import KINDS, units

# What a rule speaks of. A rule that is not here finds nothing that is planted.
RULE_KINDS = {
    "evidence.quantity_conflict": ("contradiction",),
    "cause.action_without_owner": ("missing_owner",),
    "cause.cause_without_action": ("missing_owner",),
    "language.passive_actor": ("missing_owner",),
    "evidence.claim_without_source": ("unsupported_claim",),
    "language.absolute": ("unsupported_claim",),
    "cause.restates_problem": ("symptom_as_cause",),
    "cause.human_error": ("symptom_as_cause",),
    "language.blame": ("symptom_as_cause",),
    "evidence.total_mismatch": ("wrong_total",),
    "evidence.percent_sum": ("wrong_total",),
    "time.impossible_date": ("impossible_date",),
    "time.weekday_mismatch": ("impossible_date",),
    "time.out_of_order": ("impossible_date",),
    "time.future_date": ("impossible_date",),
    "language.acronym_undefined": ("undefined_term",),
    "evidence.impact_unquantified": ("missing_customer_impact",),
    "evidence.vague_quantity": ("missing_customer_impact",),
    "language.weasel": ("unclear_ask",),
}
OTHER = "other"  # the row of findings of no planted kind


class FindingsError(Exception):
    """The findings are not in the form that is scored."""


def kinds_of(finding):
    """The kinds of defect that a finding may speak of; all, where nothing tells."""
    if "defect" in finding:
        if finding["defect"] not in KINDS:
            raise FindingsError(f"\"defect\" is {finding['defect']!r}; the kinds are {', '.join(KINDS)}")
        return (finding["defect"],)
    if finding.get("source") == "rule":
        rule = finding["reviewer"]
        return ("pii",) if rule.startswith("privacy.") else RULE_KINDS.get(rule, ())
    return tuple(KINDS)


def _cut(text, start, end):
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le", "replace")


def anchored(document, finding):
    """Where a finding stands, as [(block, start, end)], or None when its words are not there.

    With an anchor, the document must have the quote there. Without one the quote must stand in one block of the document, once."""
    quote = finding.get("quote", "")
    if not quote or finding.get("located") is False:
        return None
    if "anchor" in finding:
        start, end = finding["anchor"]["start"], finding["anchor"]["end"]
        if not 0 <= start["block"] <= end["block"] < len(document.blocks):
            return None
        parts = []
        for block in range(start["block"], end["block"] + 1):
            text = document.blocks[block]
            first = start["offset"] if block == start["block"] else 0
            parts.append((block, first, end["offset"] if block == end["block"] else units(text)))
        return parts if "\n".join(_cut(document.blocks[b], s, e) for b, s, e in parts) == quote else None
    found = [(block, at) for block, text in enumerate(document.blocks) for at in _places(text, quote)]
    if len(found) != 1:
        return None
    block, at = found[0]
    start = units(document.blocks[block][:at])
    return [(block, start, start + units(quote))]


def _places(text, quote):
    at = text.find(quote)
    while at >= 0:
        yield at
        at = text.find(quote, at + 1)


def overlap(parts, place):
    """Shared words by all words of a finding and a place, 0 to 1 (intersection over union)."""
    shared = sum(max(0, min(e, place.end) - max(s, place.start)) for b, s, e in parts if b == place.block)
    return shared / (sum(e - s for _, s, e in parts) + place.end - place.start - shared)


def _hit(parts, kinds, defect):
    """How well a finding hits a defect: the best overlap with one of its places; 0 for none."""
    return max(overlap(parts, place) for place in defect.places) if defect.kind in kinds else 0.0


@dataclass
class Scored:
    """A finding, and what it was counted as: found, double, accepted, false or invented (its quote is not there)."""

    document: str
    finding: dict
    verdict: str
    overlap: float = 0.0


@dataclass
class Row:
    planted: int = 0
    seen: int = 0  # of them, those that a rule can see
    found: int = 0
    found_seen: int = 0
    false: int = 0
    overlaps: list = field(default_factory=list)


@dataclass
class Score:
    rows: dict  # by kind, and OTHER
    findings: list
    missed: list  # (document, defect)
    tempted: list  # (document, tempting passage): a finding on it that was counted false
    tempting: int
    words: int

    def total(self):
        every = Row()
        for row in self.rows.values():
            for name in ("planted", "seen", "found", "found_seen", "false", "overlaps"):
                setattr(every, name, getattr(every, name) + getattr(row, name))
        return every

    def count(self, verdict):
        return sum(f.verdict == verdict for f in self.findings)


def _match(hits):
    """Pairs each finding with one defect, as many as can be; hits[f] = {defect: overlap}. Better overlaps are tried first."""
    owner = {}

    def place(finding, tried):
        for defect in sorted(hits[finding], key=lambda d: -hits[finding][d]):
            if defect not in tried:
                tried.add(defect)
                if defect not in owner or place(owner[defect], tried):
                    owner[defect] = finding
                    return True
        return False

    for finding in sorted(range(len(hits)), key=lambda f: -max(hits[f].values(), default=0)):
        place(finding, set())
    return {finding: defect for defect, finding in owner.items()}


def _is_accepted(document, finding, parts):
    for accepted in document.accepted:
        if accepted.reviewer != finding.get("reviewer"):
            continue
        for block, start, end in parts:
            for at in _places(document.blocks[block], accepted.words):
                first = units(document.blocks[block][:at])
                if first < end and start < first + units(accepted.words):
                    return True
    return False


def _score_document(document, findings, score):
    where = [anchored(document, finding) for finding in findings]
    kinds = [kinds_of(finding) for finding in findings]
    hits = []
    for parts, kind in zip(where, kinds):
        by_defect = {i: _hit(parts, kind, defect) for i, defect in enumerate(document.defects)} if parts else {}
        hits.append({i: share for i, share in by_defect.items() if share > 0})
    pairs = _match(hits)
    for i, finding in enumerate(findings):
        row = score.rows[kinds[i][0] if len(kinds[i]) == 1 else OTHER]
        if i in pairs:
            verdict = "found"
        elif hits[i]:
            verdict = "double"
        elif where[i] and _is_accepted(document, finding, where[i]):
            verdict = "accepted"
        else:
            verdict = "false" if where[i] else "invented"
            row.false += 1
        score.findings.append(Scored(document.name, finding, verdict, hits[i].get(pairs.get(i), 0.0)))
        if verdict == "false":
            score.tempted += [(document.name, t) for t in document.tempting if any(overlap(where[i], p) > 0 for p in t.places)]
    found = {defect: hits[i][defect] for i, defect in pairs.items()}
    for i, defect in enumerate(document.defects):
        row, seen = score.rows[defect.kind], defect.seen_by == "rules"
        row.planted += 1
        row.seen += seen
        if i in found:
            row.found += 1
            row.found_seen += seen
            row.overlaps.append(found[i])
        else:
            score.missed.append((document.name, defect))


def score(documents, reviews):
    """Scores reviews: findings by document name. A document without an entry was reviewed and nothing was found."""
    unknown = set(reviews) - {d.name for d in documents}
    if unknown:
        raise FindingsError(f"no documents of the evaluation: {', '.join(sorted(unknown))}")
    words = sum(len(text.split()) for d in documents for text in d.blocks)
    made = Score({k: Row() for k in [*KINDS, OTHER]}, [], [], [], sum(len(d.tempting) for d in documents), words)
    for document in documents:
        _score_document(document, reviews.get(document.name, []), made)
    return made


# --- numbers and the table ---


def ratio(part, whole):
    """A share; of nothing it is 1: nothing was missed, nothing was wrong."""
    return part / whole if whole else 1.0


def wilson(part, whole):
    """The 95 % interval of a share (Wilson, 1927)."""
    if not whole:
        return 0.0, 1.0
    z, share = 1.96, part / whole
    middle = share + z * z / (2 * whole)
    spread = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return max(0.0, (middle - spread) / (1 + z * z / whole)), min(1.0, (middle + spread) / (1 + z * z / whole))


def numbers(made):
    """The figures that a test or a gate asks for."""
    all_ = made.total()
    return {
        "recall": ratio(all_.found, all_.planted),
        "recall_seen": ratio(all_.found_seen, all_.seen),
        "precision": ratio(all_.found, all_.found + all_.false),
        "precision_hard": ratio(all_.found, all_.found + all_.false + made.count("accepted")),
        "overlap": ratio(sum(all_.overlaps), len(all_.overlaps)),
        "overlap_half": ratio(sum(share >= 0.5 for share in all_.overlaps), len(all_.overlaps)),
        "invented": made.count("invented"),
        "tempted": len(made.tempted),
    }


def table(made):
    """The score as lines of text."""
    head = f"{'kind':<26} {'planted':>7} {'found':>6} {'recall':>7} | {'rules see':>9} {'found':>6} {'recall':>7} | {'false':>6} {'precision':>9} {'overlap':>8}"
    lines = [head, "-" * len(head)]

    def line(name, row):
        precision = f"{ratio(row.found, row.found + row.false):9.2f}" if row.found + row.false else f"{'–':>9}"
        overlap_ = f"{sum(row.overlaps) / len(row.overlaps):8.2f}" if row.overlaps else f"{'–':>8}"
        recall = f"{ratio(row.found, row.planted):7.2f}" if row.planted else f"{'–':>7}"
        seen = f"{ratio(row.found_seen, row.seen):7.2f}" if row.seen else f"{'–':>7}"
        return (
            f"{name:<26} {row.planted:7} {row.found:6} {recall} | {row.seen:9} {row.found_seen:6} {seen} | "
            f"{row.false:6} {precision} {overlap_}"
        )

    for kind, name in KINDS.items():
        lines.append(line(name, made.rows[kind]))
    lines += [line("remarks of other kinds", made.rows[OTHER]), "-" * len(head)]
    all_, n = made.total(), numbers(made)
    lines.append(line("all", all_))
    low, high = wilson(all_.found_seen, all_.seen)
    lines += [
        "",
        f"recall of all {all_.planted} defects          {n['recall']:.2f}  (95 %: {_interval(all_.found, all_.planted)})",
        f"recall of the {all_.seen} that rules can see {n['recall_seen']:.2f}  (95 %: {low:.2f} to {high:.2f})",
        f"precision                      {n['precision']:.2f}  (95 %: {_interval(all_.found, all_.found + all_.false)}); "
        f"with accepted findings counted as false {n['precision_hard']:.2f}",
        f"overlap with the planted words {n['overlap']:.2f} on average; at least half in {100 * n['overlap_half']:.0f} %",
        f"findings {len(made.findings)}: {made.count('found')} found a defect, {made.count('double')} hit one that another had found, "
        f"{made.count('accepted')} accepted with a reason, {made.count('false')} false, {made.count('invented')} not anchored "
        f"(their words are not there)",
        f"{1000 * len(made.findings) / made.words:.1f} findings per 1,000 words; {len(made.tempted)} of {made.tempting} tempting passages "
        "drew a false one",
    ]
    return lines


def _interval(part, whole):
    low, high = wilson(part, whole)
    return f"{low:.2f} to {high:.2f}"
