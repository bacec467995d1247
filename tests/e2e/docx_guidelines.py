"""docx_guidelines.py FILE: writes guidelines with three requirements."""
import sys

import docx

document = docx.Document()
document.add_heading("How we write reports", 1)
document.add_paragraph("Each number must name its source.")
document.add_paragraph("Each action must have one named owner and a date.")
document.add_paragraph("The report should say how many customers were affected.")
document.save(sys.argv[1])
