"""A reportlab canvas that writes each page to its file as soon as it is drawn, so that memory stays flat.

reportlab keeps a whole document in memory until it is saved; here only fonts, forms and images wait for the end, and of
a written page no more is kept than its number and offset.
"""

from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas


class _File(pdfdoc.PDFFile):
    """What reportlab calls the collector of strings, writing them through."""

    def __init__(self, stream, version):
        super().__init__(version)
        head, self.strings = self.strings, None
        self.write = stream.write
        for part in head:
            stream.write(part)


class _Document(pdfdoc.PDFDocument):
    """A document whose pages are written when they are added."""

    def __init__(self, stream, **options):
        super().__init__(compression=1, invariant=1, lang="fr", **options)
        self.file = _File(stream, self._pdfVersion)

    def addPage(self, page):
        """Write the page, its content and whatever else formatting it brings forth."""
        content = pdfdoc.PDFStream(content=page.stream, filters=[pdfdoc.PDFZCompress])
        page.Contents, page.stream = content, None
        name = self.thisPageName()
        self.Reference(page, name)
        first = self.objectcounter
        self.Pages.addPage(pdfdoc.PDFObjectReference(name))
        self.pageCounter += 1
        self.inObject = None
        self.Reference(self.Pages)
        number = first
        while number <= self.objectcounter:
            if self.numberToId[number] != getattr(self.Pages, pdfdoc.__InternalName__, None):
                self._write(number)
                del self.idToObject[self.numberToId[number]]
            number += 1

    def _write(self, number):
        name = self.numberToId[number]
        self.idToOffset[name] = self.file.add(pdfdoc.PDFIndirectObject(name, self.idToObject[name]).format(self))

    def finish(self, canvas):
        """Write what waited for the end, the table of offsets and the trailer."""
        for font in self.delayedFonts:
            font.addObjects(self)
        self.info.invariant = 1
        self.info.digest(self.signature)
        self.encrypt.prepare(self)
        self.Outlines.prepare(self, canvas)
        self.Catalog.Outlines = None
        root, info = self.Reference(self.Catalog), self.Reference(self.info)
        number = 1
        while number <= self.objectcounter:
            if self.numberToId[number] not in self.idToOffset:
                self._write(number)
            number += 1
        table = pdfdoc.PDFCrossReferenceTable()
        table.addsection(0, [self.numberToId[number] for number in range(1, self.objectcounter + 1)])
        start = self.file.add(table.format(self))
        trailer = pdfdoc.PDFTrailer(startxref=start, Size=self.objectcounter + 1, Root=root, Info=info, ID=self.ID())
        self.file.add(trailer.format(self))


class StreamedCanvas(Canvas):
    """A canvas of one page size on a binary stream; every page is gone from memory after ``showPage``.

    Equal drawing gives equal bytes: no time, no random identifier.

    :param stream: a file object open for writing bytes; it need not seek.
    :param pagesize: width and height in points.
    """

    def __init__(self, stream, pagesize):
        super().__init__(None, pagesize=pagesize, pageCompression=1, invariant=1)
        self._doc = _Document(stream)
        self.init_graphics_state()

    def save(self):
        """Write the rest; the canvas must not be used afterwards."""
        if self._code:
            self.showPage()
        self._doc.finish(self)
