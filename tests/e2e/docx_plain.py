"""docx_plain.py FILE: writes a document without any heading, whose text is about three things."""
import sys

import docx

TEXT = {
    "The pump failed on Monday": "It had run for nine years. The bearing was worn. Nobody had looked at it since the spring.",
    "The repair took four hours": "A fitter came at noon. The new bearing was on the shelf. The line was started again at four.",
    "From now on the pumps are looked at": "The shift leader does it each month. A list hangs beside the door. The first round is due in April.",
}
document = docx.Document()
for first, rest in TEXT.items():
    document.add_paragraph(f"{first}, and that is what this part of the report is about.")
    for sentence in rest.split(". "):
        document.add_paragraph(f"{sentence.rstrip('.')}. " * 3)
document.save(sys.argv[1])
