"""Reviewers of which is known what they must score. They test the scorer: one that cannot tell them apart measures nothing."""
from documents import KINDS


def _finding(place, kind, **more):
    anchor = {"start": {"block": place.block, "offset": place.start}, "end": {"block": place.block, "offset": place.end}}
    return {"source": "model", "reviewer": "oracle", "defect": kind, "anchor": anchor, "quote": place.words, **more}


def perfect(docs):
    """Each defect, on its exact words."""
    return {d.name: [_finding(defect.places[0], defect.kind) for defect in d.defects] for d in docs}


def lazy(docs):
    """One finding in each document that has one, and rests."""
    return {name: found[:1] for name, found in perfect(docs).items()}


def silent(docs):
    """Finds nothing."""
    return {d.name: [] for d in docs}


def liar(docs):
    """Knows each defect and its place, and quotes words that the document does not have there."""
    return {d.name: [_finding(x.places[0], x.kind, quote=f"it is said that {x.places[0].words}") for x in d.defects] for d in docs}


def forger(docs):
    """As the liar, without places: the words are nowhere in the document."""
    return {d.name: [{"defect": x.kind, "quote": f"{x.places[0].words} (sic!)"} for x in d.defects] for d in docs}


def flooder(docs):
    """One remark of each kind on each block: it can only miss the second defect of a kind in a block."""
    return {
        d.name: [{"defect": kind, "anchor": {"start": {"block": b, "offset": 0}, "end": {"block": b, "offset": len(t.encode("utf-16-le")) // 2}}, "quote": t}
                 for b, t in enumerate(d.blocks) if t for kind in KINDS]
        for d in docs
    }  # fmt: skip


def echo(docs):
    """Perfect, and says everything three times."""
    return {name: found * 3 for name, found in perfect(docs).items()}


def confused(docs):
    """Points at the right words and names the wrong kind."""
    kinds = list(KINDS)
    return {
        d.name: [_finding(x.places[0], kinds[(kinds.index(x.kind) + 1) % len(kinds)]) for x in d.defects] for d in docs
    }


def blunt(docs):
    """Knows each defect, and always marks the whole block."""
    found = perfect(docs)
    for document in docs:
        for finding in found[document.name]:
            text = document.blocks[finding["anchor"]["start"]["block"]]
            finding["quote"] = text
            finding["anchor"]["start"]["offset"], finding["anchor"]["end"]["offset"] = 0, len(text.encode("utf-16-le")) // 2
    return found


ORACLES = {f.__name__: f for f in (perfect, lazy, silent, liar, forger, flooder, echo, confused, blunt)}
