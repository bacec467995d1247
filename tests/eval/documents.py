"""The documents of the evaluation: readable text with its planted defects, made into .docx when it runs.

A file of documents/ begins with "title:" and "saved:" (the day on which the document was last saved, which some rules ask for). Then:

    # Heading, ## Heading      a heading
    - item                     an item of a list; so is "1. item"
    | a | b |                  a row of a table; rows in a row are one table, the first its head
    any other line             a paragraph

{3:these words} are the words of defect 3, {t1:these} a passage that is right but tempts a reviewer. A number may stand at several places:
a reviewer that points at any of them has found the defect. Nothing may be between the colon and the brace: then the whole block is meant.
Behind the text come the lists:

    == defects
    3 wrong_total rules Why it is one.        "rules": a rule can see it; "reader": only who understands the text
    == tempting
    t1 Why it is right.
    == accepted
    language.weasel "perhaps" Why this finding is right although nothing was planted.

Blocks are numbered as the program numbers them: paragraphs and cells in reading order. Offsets are UTF-16 code units, as in its JSON.
"""
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

FOLDER = Path(__file__).resolve().parent / "documents"
KINDS = {
    "contradiction": "contradiction",
    "missing_owner": "missing owner",
    "unsupported_claim": "unsupported claim",
    "symptom_as_cause": "symptom named as cause",
    "wrong_total": "wrong total",
    "impossible_date": "impossible date",
    "undefined_term": "undefined term",
    "missing_customer_impact": "missing customer impact",
    "pii": "personal or secret data",
    "unclear_ask": "unclear ask",
}


class DocumentError(Exception):
    """A document of the evaluation is not written as it must be."""


@dataclass
class Span:
    """Words of a block; offsets in UTF-16 code units. The whole block, where whole says so."""

    block: int
    start: int
    end: int
    words: str
    whole: bool = False


@dataclass
class Defect:
    mark: str
    kind: str
    seen_by: str
    why: str
    places: list = field(default_factory=list)


@dataclass
class Accepted:
    """A finding that is right although nothing was planted: by this reviewer (a rule's id), on these words."""

    reviewer: str
    words: str
    why: str


@dataclass
class Document:
    name: str
    title: str
    saved: str
    blocks: list  # texts
    body: list  # ("heading 1" | "bullet" | "number" | "text", text) or ("table", rows)
    defects: list
    tempting: list  # as Defect, without a kind
    accepted: list


def units(text):
    """How many UTF-16 code units a text has."""
    return len(text.encode("utf-16-le")) // 2


MARK = re.compile(r"\{(t?\d+):([^{}]*)\}")


def _unmark(text, block, spans):
    """The text without its marks; what they mark is added to spans, by mark."""
    plain, at = "", 0
    for found in MARK.finditer(text):
        plain += text[at : found.start()]
        start, words = units(plain), found[2]
        plain += words
        spans.setdefault(found[1], []).append(Span(block, start, start + units(words), words))
        at = found.end()
    plain += text[at:]
    for places in spans.values():
        for place in places:
            if place.block == block and place.start == place.end:
                place.start, place.end, place.words, place.whole = 0, units(plain), plain, True
    return plain


def _lists(name, lines, spans):
    part, found = "", {"defects": [], "tempting": [], "accepted": []}
    for line in lines:
        if line.startswith("== "):
            part = line[3:].strip()
            if part not in found:
                raise DocumentError(f"{name}: no list is called {part!r}")
        elif part == "defects" and line:
            mark, kind, seen_by, why = line.split(" ", 3)
            if kind not in KINDS or seen_by not in ("rules", "reader"):
                raise DocumentError(f"{name}: defect {mark} has an unknown kind or nobody who sees it")
            found[part].append(Defect(mark, kind, seen_by, why, spans.pop(mark, [])))
        elif part == "tempting" and line:
            mark, why = line.split(" ", 1)
            found[part].append(Defect(mark, "", "", why, spans.pop(mark, [])))
        elif part == "accepted" and line:
            said = re.fullmatch(r'(\S+) "([^"]*)" (.+)', line)
            if not said:
                raise DocumentError(f"{name}: an accepted finding is written: rule \"words\" reason, and not {line!r}")
            found[part].append(Accepted(*said.groups()))
    missing = [d.mark for d in found["defects"] + found["tempting"] if not d.places]
    if missing or spans:
        raise DocumentError(f"{name}: listed and not marked: {missing}; marked and not listed: {sorted(spans)}")
    return found


def parse(name, text):
    """A document from the text of its file."""
    head, _, rest = text.partition("\n\n")
    about = dict(line.split(": ", 1) for line in head.splitlines())
    content, _, lists = rest.partition("\n== ")
    blocks, body, spans = [], [], {}

    def block(marked):
        blocks.append(_unmark(marked, len(blocks), spans))
        return blocks[-1]

    for line in filter(None, (line.strip() for line in content.splitlines())):
        if line.startswith("|"):
            row = [block(cell.strip()) for cell in line.strip("|").split("|")]
            if body and body[-1][0] == "table":
                body[-1][1].append(row)
            else:
                body.append(("table", [row]))
        elif line.startswith("#"):
            marks, words = line.split(" ", 1)
            body.append((f"heading {len(marks)}", block(words)))
        elif line.startswith("- "):
            body.append(("bullet", block(line[2:])))
        elif re.match(r"\d+\. ", line):
            body.append(("number", block(line.split(" ", 1)[1])))
        else:
            body.append(("text", block(line)))
    found = _lists(name, ("== " + lists).splitlines() if lists else [], spans)
    for accepted in found["accepted"]:
        if not any(accepted.words in text for text in blocks):
            raise DocumentError(f"{name}: accepted words that are not in the document: {accepted.words!r}")
    return Document(name, about["title"], about["saved"], blocks, body, **found)


def load(folder=FOLDER):
    """All documents, by name."""
    paths = sorted(Path(folder).glob("*.txt"))
    if not paths:
        raise DocumentError(f"no documents in {folder}")
    return [parse(path.stem, path.read_text(encoding="utf-8")) for path in paths]


# --- .docx ---

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
KIND = "application/vnd.openxmlformats-officedocument.wordprocessingml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def _paragraph(kind, text):
    properties = ""
    if kind.startswith("heading"):
        properties = f'<w:pPr><w:pStyle w:val="Heading{kind[-1]}"/></w:pPr>'
    elif kind in ("bullet", "number"):
        number = 1 if kind == "bullet" else 2
        properties = f'<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr></w:pPr>'
    run = f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>' if text else ""
    return f"<w:p>{properties}{run}</w:p>"


def _table(rows):
    width = max(map(len, rows))
    grid = f'<w:tblGrid>{"<w:gridCol/>" * width}</w:tblGrid>'
    made = "".join(
        "<w:tr>" + "".join(f"<w:tc><w:tcPr/>{_paragraph('text', cell)}</w:tc>" for cell in row) + "</w:tr>" for row in rows
    )
    return f'<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/></w:tblPr>{grid}{made}</w:tbl>'


def _parts(document):
    body = "".join(_table(what) if kind == "table" else _paragraph(kind, what) for kind, what in document.body)
    headings = "".join(
        f'<w:style w:type="paragraph" w:styleId="Heading{i}"><w:name w:val="heading {i}"/>'
        f'<w:pPr><w:outlineLvl w:val="{i - 1}"/></w:pPr></w:style>'
        for i in range(1, 4)
    )
    level = '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="{0}"/><w:lvlText w:val="{1}"/></w:lvl>'
    numbering = "".join(
        f'<w:abstractNum w:abstractNumId="{i}">{level.format(*form)}</w:abstractNum>'
        for i, form in enumerate((("bullet", "•"), ("decimal", "%1.")), 1)
    ) + "".join(f'<w:num w:numId="{i}"><w:abstractNumId w:val="{i}"/></w:num>' for i in (1, 2))
    saved = f'<{{0}} xsi:type="dcterms:W3CDTF">{document.saved}T12:00:00Z</{{0}}>'
    override = '<Override PartName="/{}" ContentType="{}"/>'
    relation = '<Relationship Id="rId{}" Type="{}" Target="{}"/>'
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + override.format("word/document.xml", f"{KIND}.document.main+xml")
        + override.format("word/styles.xml", f"{KIND}.styles+xml")
        + override.format("word/numbering.xml", f"{KIND}.numbering+xml")
        + override.format("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml")
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        + relation.format(1, f"{RELATION}/officeDocument", "word/document.xml")
        + relation.format(2, f"{PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml")
        + "</Relationships>",
        "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(document.title)}</dc:title>{saved.format('dcterms:created')}{saved.format('dcterms:modified')}"
        "</cp:coreProperties>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        + relation.format(1, f"{RELATION}/styles", "styles.xml")
        + relation.format(2, f"{RELATION}/numbering", "numbering.xml")
        + "</Relationships>",
        "word/styles.xml": f'<w:styles xmlns:w="{W}">{headings}</w:styles>',
        "word/numbering.xml": f'<w:numbering xmlns:w="{W}">{numbering}</w:numbering>',
        "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{body}<w:sectPr/></w:body></w:document>',
    }


def write(document, path):
    """The document as a .docx: the same bytes each time."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in _parts(document).items():
            package.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), HEAD + text)
