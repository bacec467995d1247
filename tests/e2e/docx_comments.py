"""docx_comments.py FILE: what python-docx sees in a document, as JSON: {"paragraphs": [...], "comments": [{author, text, quote, paragraph, offset}]}.

quote: the words between the marks of the comment; paragraph and offset: where they begin, among the paragraphs of the body that are not in tables.
"""
import json
import sys

import docx
from docx.oxml.ns import qn

COMMENTS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"


def text_of(element):
    return "".join(t.text or "" for t in element.iter(qn("w:t")))


def main(path):
    document = docx.Document(path)
    body = document.element.body
    ranges = {}
    for number, paragraph in enumerate(body.iter(qn("w:p"))):
        length, open_ranges = 0, {}
        for node in paragraph.iter():
            if node.tag == qn("w:commentRangeStart"):
                open_ranges[node.get(qn("w:id"))] = length
            elif node.tag == qn("w:commentRangeEnd") and node.get(qn("w:id")) in open_ranges:
                start = open_ranges.pop(node.get(qn("w:id")))
                ranges[node.get(qn("w:id"))] = (number, start, length)
            elif node.tag == qn("w:t"):
                length += len(node.text or "")
    paragraphs = [text_of(p) for p in body.iter(qn("w:p"))]
    comments = []
    for relation in document.part.rels.values():
        if relation.reltype != COMMENTS:
            continue
        root = docx.oxml.parse_xml(relation.target_part.blob)
        for comment in root.iter(qn("w:comment")):
            place = ranges.get(comment.get(qn("w:id")))
            comments.append(
                {
                    "author": comment.get(qn("w:author")),
                    "text": text_of(comment),
                    "quote": paragraphs[place[0]][place[1] : place[2]] if place else None,
                    "paragraph": place[0] if place else None,
                    "offset": place[1] if place else None,
                }
            )
    print(json.dumps({"paragraphs": paragraphs, "comments": comments}))


main(sys.argv[1])
