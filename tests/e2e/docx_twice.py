"""docx_twice.py FILE: writes a document in which the same phrase stands twice in one paragraph and once more in another, in runs of several looks."""
import sys

import docx

document = docx.Document()
document.add_heading("Findings of the team", 1)
paragraph = document.add_paragraph("The pump was replaced. Later ")
paragraph.add_run("the pump was ").bold = True
paragraph.add_run("replaced again, because the new one leaked.")
document.add_paragraph("In the end the pump was replaced by another make.")
document.save(sys.argv[1])
