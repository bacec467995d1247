"""LibreOffice as a judge: soffice converts documents to flat OpenDocument XML, many in one process, which tells the comments it sees, by whom, with which text, on which words.

The interface over UNO was tried and dropped: version 7.4 crashes there on loading any document that has comments into a hidden frame.
"""
import os
import shutil
import signal
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ElementTree

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
DC = "{http://purl.org/dc/elements/1.1/}"
LOEXT = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}"


class Unavailable(Exception):
    pass


class Judge:
    def __init__(self):
        self.soffice = shutil.which("soffice")
        if not self.soffice:
            raise Unavailable("LibreOffice is not installed")
        self.folder = tempfile.mkdtemp(prefix="lo-judge-")

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def convert(self, paths, seconds):
        """Converts files: {path: file} of those that LibreOffice opens, and the set of those that there was no time for."""
        source, out = os.path.join(self.folder, "in"), os.path.join(self.folder, "out")
        shutil.rmtree(source, ignore_errors=True)
        shutil.rmtree(out, ignore_errors=True)
        os.makedirs(source)
        os.makedirs(out)
        names = {}
        for number, path in enumerate(paths):  # copies under plain names: its lock files land beside them
            name = f"d{number:04}{os.path.splitext(path)[1]}"
            shutil.copyfile(path, os.path.join(source, name))
            names[path] = name
        left, end = list(paths), time.monotonic() + seconds
        while left and time.monotonic() < end:
            command = [self.soffice, "--headless", "--norestore", "--nologo", f"-env:UserInstallation=file://{self.folder}/profile",
                       "--convert-to", "fodt", "--outdir", out] + [os.path.join(source, names[p]) for p in left]
            # in a session of its own: soffice is a script around the program that must end with it
            office = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            try:
                office.wait(max(1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(office.pid, signal.SIGKILL)
                office.wait()
                left = [p for p in left if not os.path.exists(self.output(out, names[p]))]
                break
            done = [i for i, p in enumerate(left) if os.path.exists(self.output(out, names[p]))]
            if not done or done[-1] == len(left) - 1:
                left = left[1:] if not done and len(left) > 1 else []
            else:
                left = left[done[-1] + 2:]  # it ended at the one behind the last that it wrote
        return {p: self.output(out, names[p]) for p in paths if os.path.exists(self.output(out, names[p]))}, set(left)

    @staticmethod
    def output(folder, name):
        return os.path.join(folder, os.path.splitext(name)[0] + ".fodt")

    def comments(self, paths, seconds):
        """{path: its comments in document order} of the documents that LibreOffice opens, and the set of those that there was no time for."""
        converted, untried = self.convert(paths, seconds)
        return {path: read(file) for path, file in converted.items()}, untried


SKIPPED = {OFFICE + "annotation", TEXT + "note", TEXT + "tracked-changes", TEXT + "ruby-text"}


class Reader:
    def __init__(self):
        self.found, self.open = [], {}

    def put(self, text):
        for comment in self.open.values():
            comment["words"] += text or ""

    def comment(self, element):
        comment = {"author": element.findtext(DC + "creator", ""), "words": "", "resolved": element.get(LOEXT + "resolved") == "true",
                   "text": "\n".join("".join(p.itertext()) for p in element.iter(TEXT + "p"))}
        self.found.append(comment)
        name = element.get(OFFICE + "name")
        if name is not None:
            self.open[name] = comment

    def walk(self, element):
        if element.tag == OFFICE + "annotation":
            self.comment(element)
        elif element.tag == OFFICE + "annotation-end":
            self.open.pop(element.get(OFFICE + "name"), None)
        if element.tag in SKIPPED:
            return
        outside = self.open
        if element.tag.startswith(DRAW):  # a frame stands at its place in the text, but is no part of the words around it
            self.open = {}
        self.put(element.text)
        for child in element:
            self.walk(child)
            self.put(child.tail)
        if element.tag.startswith(DRAW):
            self.open = outside


def read(path):
    body = ElementTree.parse(path).getroot().find(OFFICE + "body")
    reader = Reader()
    if body is not None:
        reader.walk(body)
    return reader.found
