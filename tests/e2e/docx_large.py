"""docx_large.py FILE: writes a document of 6,000 paragraphs with more than five hundred findings in it."""
import sys

import docx

document = docx.Document()
body = document.element.body
for section in range(60):
    document.add_heading(f"Section {section + 1}", 1)
    model = document.add_paragraph("Nothing happened here, and it was recorded by the shift on duty as it should be.")._p
    for i in range(98):
        copy = type(model)  # the element class, so that a copy costs little
        element = model.__copy__()
        body.insert(len(body) - 1, element)
        if i % 10 == 0:
            element.r_lst[0].text = f"On Monday, {1 + i // 10 % 9 * 3} September 2026 the the valve {section}-{i} was changed ASAP."
document.save(sys.argv[1])
