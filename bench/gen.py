#!/usr/bin/env python3
"""Writes the document that the benches measure with: about 200 pages; the same bytes for the same seed.

6,000 paragraphs, of which 1,400 stand in the cells of 50 tables.

Headings of three levels, numbered and bulleted lists, bold words, and runs that are split in the middle of words, as Word
leaves them after editing. The sentences are made from patterns and word lists of our own, so that the rules meet ordinary prose.

gen.py OUT.docx [PARAGRAPHS] [TABLES]
"""
import random
import sys
import zipfile
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
P = "http://schemas.openxmlformats.org/package/2006"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

WHO = """the warehouse team|the supplier|the planning office|our carrier in Rotterdam|the night shift|the quality lead|the customer desk
|the finance group|the site manager|the regional office|the maintenance crew|the data team|the packing line|the design office|the auditor
|the training group|the service partner|the purchasing lead""".replace("\n", "").split("|")
DID = """checked|measured|replaced|returned|recorded|delivered|approved|moved|counted|tested|planned|reported|repaired|compared|ordered
|stored|opened|closed|described|reviewed""".replace("\n", "").split("|")
WHAT = """the spare parts|two pallets of housings|the delivery notes|the old pump|the sensor readings|the draft contract|every third crate
|the cooling unit|the labels of the second batch|the safety valves|the stock list|the invoice for June|the test results|the floor plan
|the replacement belts|the shipping documents|the maintenance log|the sample parts|the new scanners|the return forms""".replace("\n", "").split("|")
WHEN = """before the first shift began|after the inspection|in the second week|while the line stood still|on the same afternoon
|within three days|during the stock count|as soon as the parts arrived|at the end of the month|before the holiday
|after a call with the plant|when the alarm had been cleared""".replace("\n", "").split("|")
WHY = """because the drawing had changed|so that the order could leave on time|since the old label was hard to read
|to keep the line running|because the count did not match the list|so that nobody had to wait|as the contract asks
|to find the cause of the leak|because two boxes were wet|since the new pump needs more room""".replace("\n", "").split("|")
TOPIC = """Delivery|Storage|Inspection|Packing|Returns|Maintenance|Training|Purchasing|Cooling|Labels|Scanners|Planning|Safety|Invoices
|Transport|Testing|Stock|Contracts|Repairs|Energy""".replace("\n", "").split("|")
PLACE = ["in the north hall", "at the loading dock", "on the packing floor", "in the cold store", "at the repair bench", "near gate four"]


class Writer:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.out = []

    def sentence(self):
        pick = self.rng.choice
        who = pick(WHO)
        text = f"{who[0].upper()}{who[1:]} {pick(DID)} {pick(WHAT)} {pick(PLACE)}"
        text += f" {pick(WHEN)}" if self.rng.random() < 0.6 else ""
        text += f", {pick(WHY)}" if self.rng.random() < 0.35 else ""
        return text + "."

    def run(self, text, look=""):
        props = f"<w:rPr>{look}</w:rPr>" if look else ""
        return f'<w:r w:rsidR="00{self.rng.randrange(1 << 24):06X}">{props}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'

    def runs(self, text):
        """Cuts a text into runs: some at word borders with another look, some in the middle of words."""
        parts, at = [], 0
        while at < len(text):
            n = self.rng.choice((8, 17, 33, 60, 120))
            look = self.rng.choice(("", "", "", "<w:b/>", "<w:i/>", '<w:lang w:val="en-US"/>'))
            parts.append(self.run(text[at : at + n], look))
            at += n
        return "".join(parts)

    def paragraph(self, text, style=None, num=None):
        props = f'<w:pStyle w:val="{style}"/>' if style else ""
        if num:
            props += f'<w:numPr><w:ilvl w:val="{num[1]}"/><w:numId w:val="{num[0]}"/></w:numPr>'
        props = f"<w:pPr>{props}</w:pPr>" if props else ""
        self.out.append(f'<w:p w:rsidR="00A1{self.rng.randrange(1 << 16):04X}" w:rsidRDefault="00A10001">{props}{self.runs(text)}</w:p>')

    def table(self, number):
        rows = [["Hall", "Orders", "Returns", "Remark"]]
        numbers = [(self.rng.randrange(100, 900), self.rng.randrange(5, 90)) for _ in range(5)]
        rows += [[f"Hall {i + 1}", str(a), str(b), self.sentence()] for i, (a, b) in enumerate(numbers)]
        rows.append(["Total", str(sum(a for a, _ in numbers)), str(sum(b for _, b in numbers)), f"Table {number}"])
        self.out.append('<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="0" w:type="auto"/></w:tblPr><w:tblGrid>')
        self.out.append('<w:gridCol w:w="1500"/><w:gridCol w:w="1300"/><w:gridCol w:w="1300"/><w:gridCol w:w="5000"/></w:tblGrid>')
        for row in rows:
            self.out.append("<w:tr>")
            for cell in row:
                self.out.append('<w:tc><w:tcPr><w:tcW w:w="0" w:type="auto"/></w:tcPr>')
                self.paragraph(cell)
                self.out.append("</w:tc>")
            self.out.append("</w:tr>")
        self.out.append("</w:tbl>")

    def body(self, paragraphs, tables):
        done = made = 0
        every = max(1, paragraphs // max(1, tables))
        while done < paragraphs:
            kind = done % 30
            if kind == 0:
                topic = self.rng.choice(TOPIC)
                level = 1 if done % 300 == 0 else 2 if done % 90 == 0 else 3
                self.paragraph(f"{topic} {self.rng.choice(PLACE)}, part {done // 30 + 1}", f"Heading{level}")
            elif 10 <= kind < 15:
                self.paragraph(self.sentence(), "ListParagraph", (1, 0 if kind < 13 else 1))
            elif 20 <= kind < 24:
                self.paragraph(self.sentence(), "ListParagraph", (2, 0))
            else:
                self.paragraph(" ".join(self.sentence() for _ in range(self.rng.choice((1, 1, 1, 2)))))
            done += 1
            if done % every == every // 2 and made < tables:
                made += 1
                self.table(made)


def styles():
    rows = ['<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>']
    for level in (1, 2, 3):
        rows.append(
            f'<w:style w:type="paragraph" w:styleId="Heading{level}"><w:name w:val="heading {level}"/><w:basedOn w:val="Normal"/>'
            f'<w:pPr><w:outlineLvl w:val="{level - 1}"/></w:pPr><w:rPr><w:b/><w:sz w:val="{34 - 4 * level}"/></w:rPr></w:style>'
        )
    rows.append('<w:style w:type="paragraph" w:styleId="ListParagraph"><w:name w:val="List Paragraph"/><w:basedOn w:val="Normal"/></w:style>')
    rows.append('<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/></w:style>')
    return f'{XML}<w:styles xmlns:w="{W}">{"".join(rows)}</w:styles>'


def numbering():
    levels = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{f}"/><w:lvlText w:val="{t}"/></w:lvl>'
        for i, (f, t) in enumerate((("decimal", "%1."), ("lowerLetter", "%2)")))
    )
    bullet = '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/></w:lvl>'
    return (
        f'{XML}<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>'
        f'<w:abstractNum w:abstractNumId="1">{bullet}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num></w:numbering>'
    )


def main():
    out = sys.argv[1]
    paragraphs = int(sys.argv[2]) if len(sys.argv) > 2 else 4600
    tables = int(sys.argv[3]) if len(sys.argv) > 3 else 50
    writer = Writer(20260301)
    writer.body(paragraphs, tables)
    types = "".join(
        f'<Override PartName="/word/{n}.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.{t}+xml"/>'
        for n, t in (("document", "document.main"), ("styles", "styles"), ("numbering", "numbering"))
    )
    parts = {
        "[Content_Types].xml": f'{XML}<Types xmlns="{P}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{types}</Types>',
        "_rels/.rels": f'{XML}<Relationships xmlns="{P}/relationships"><Relationship Id="rId1" Type="{R}/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'{XML}<Relationships xmlns="{P}/relationships"><Relationship Id="rId1" Type="{R}/styles" '
        f'Target="styles.xml"/><Relationship Id="rId2" Type="{R}/numbering" Target="numbering.xml"/></Relationships>',
        "word/styles.xml": styles(),
        "word/numbering.xml": numbering(),
        "word/document.xml": f'{XML}<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{"".join(writer.out)}<w:sectPr/></w:body></w:document>',
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            info = zipfile.ZipInfo(name, (2026, 3, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, text)


if __name__ == "__main__":
    main()
