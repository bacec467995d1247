#!/usr/bin/python3
"""The peer of the benches: python-docx doing what bench_doc does. Prints one JSON object: times in ms, peak memory in KB.
Each time is a pair [wall, CPU]: CPU time is of the process, the kernel's work for it included.

peer_docx.py read FILE N          the text of all paragraphs and of all cells of tables
peer_docx.py read-runs FILE N     the same with styles and runs
peer_docx.py write FILE N OUT     opens, puts 200 comments on 200 paragraphs, saves; without any proof

python-docx 0.8 cannot make comments itself. They are written as a careful program would: one comments part added through its own
package layer, range markers through lxml, everything in one pass.
"""
import json
import sys
import time

import docx
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import qn
from lxml import etree

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
COMMENTS = 200


def now():
    return time.perf_counter(), time.process_time()


def since(start, end=None):
    """[wall ms, CPU ms]"""
    return [(b - a) * 1000 for a, b in zip(start, end or now())]


def peak_kb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def read(path):
    """The text of all paragraphs and cells, as the library gives it most cheaply: the budget's comparison."""
    document = docx.Document(path)
    n = sum(len(paragraph.text) for paragraph in document.paragraphs)
    for table in document.tables:
        for row in table.rows:
            n += sum(len(cell.text) for cell in row.cells)
    return n


def read_runs(path):
    """The same with each paragraph's style and its runs: nearer to what our reader gives."""
    document = docx.Document(path)
    paragraphs = list(document.paragraphs)
    for table in document.tables:
        for row in table.rows:
            for cell in row.cells:
                paragraphs += cell.paragraphs
    return sum(len(p.style.name) + sum(len(run.text) for run in p.runs) for p in paragraphs)


def write(path, out, count=COMMENTS):
    start = now()
    document = docx.Document(path)
    opened = now()
    body = [p for p in document.element.body.iterchildren(qn("w:p")) if p.find(qn("w:r")) is not None]
    step = max(1, len(body) // count)
    comments = etree.Element(qn("w:comments"), nsmap={"w": W})
    for i, paragraph in enumerate(body[::step][:count]):
        comment = etree.SubElement(comments, qn("w:comment"))
        comment.set(qn("w:id"), str(i))
        comment.set(qn("w:author"), "Bench")
        comment.set(qn("w:initials"), "B")
        comment.set(qn("w:date"), "2026-03-01T09:00:00Z")
        for text in ("This sentence says too little.", "Suggestion: say who did it and when."):
            run = etree.SubElement(etree.SubElement(comment, qn("w:p")), qn("w:r"))
            etree.SubElement(run, qn("w:t")).text = text
        first = paragraph.find(qn("w:r"))
        begin, end = etree.Element(qn("w:commentRangeStart")), etree.Element(qn("w:commentRangeEnd"))
        begin.set(qn("w:id"), str(i))
        end.set(qn("w:id"), str(i))
        first.addprevious(begin)
        paragraph.append(end)
        reference = etree.SubElement(etree.SubElement(paragraph, qn("w:r")), qn("w:commentReference"))
        reference.set(qn("w:id"), str(i))
    blob = etree.tostring(comments, xml_declaration=True, encoding="UTF-8", standalone=True)
    part = Part(PackURI("/word/comments.xml"), CONTENT_TYPE.WML_COMMENTS, blob, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.COMMENTS)
    document.save(out)
    return since(start, opened), since(opened)


def main():
    mode, path, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
    result = {"read_ms": [], "open_ms": [], "write_ms": []}
    for _ in range(times):
        if mode != "write":
            start = now()
            read(path) if mode == "read" else read_runs(path)
            result["read_ms"].append(since(start))
        else:
            opened, wrote = write(path, sys.argv[4])
            result["open_ms"].append(opened)
            result["write_ms"].append(wrote)
    result["peak_kb"] = peak_kb()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
