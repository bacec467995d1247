"""docx_hostile.py FILE: writes a document whose headings, text, table, author and links are full of markup and script."""
import sys

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

BAD = "<img src=x onerror=\"alert('text')\"><script>alert(1)</script>"

document = docx.Document()
document.core_properties.author = BAD
document.core_properties.title = "</title><script>alert(2)</script>"
document.add_heading("Seller's \"A\" <b>&amp; <svg onload=alert(3)>", 1)
document.add_paragraph(f"The QXZ team said {BAD} on Monday, 3 March 2026, and {{{{7*7}}}} ${{alert(4)}} too.")
table = document.add_table(1, 2)
table.cell(0, 0).text = "<iframe src=javascript:alert(5)>"
table.cell(0, 1).text = "the the " + BAD
paragraph = document.add_paragraph("A link: ")
link = OxmlElement("w:hyperlink")
link.set(qn("r:id"), document.part.relate_to("javascript:alert(6)", RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
run = OxmlElement("w:r")
text = OxmlElement("w:t")
text.text = "click me"
run.append(text)
link.append(run)
paragraph._p.append(link)
document.save(sys.argv[1])
