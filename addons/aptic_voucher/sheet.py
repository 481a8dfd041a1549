"""The printed sheets: booklets of vouchers on A4, six slips a page, ready to cut.

Slips of a booklet follow each other: cover, vouchers, and where a place is left a page of instructions; every booklet
begins a page. What is printed is French, as the law wants it for who holds it. No code leaves this file but on paper.
"""

import io
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import reportlab
from barcode.codex import Code128
from num2words import num2words
from PIL import Image, UnidentifiedImageError
from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from .codes import LENGTH, grouped, serial_digits
from .pdf_stream import StreamedCanvas
from .qr import Series

SLIPS = 6  # a page
WIDTH, HEIGHT = 190 * mm, 46 * mm
LEFT, BOTTOM = (A4[0] - WIDTH) / 2, (A4[1] - SLIPS * HEIGHT) / 2
STUB = 32 * mm
BAND = 8 * mm
MODULE = 0.42 * mm  # 0.36 mm at least; 0.38 and 0.41 beat with the pixels of 150 dpi and lose some vouchers
QUIET = 10 * MODULE
BAR_HEIGHT = 15 * mm
MODULES = 167  # start, 12 pairs of digits, checksum, stop
BAR_LEFT = 187.5 * mm - MODULES * MODULE - QUIET
BAR_BOTTOM = 18.5 * mm
BAR = re.compile("1+")
# The operators of a bar, by its first module and by its width: what each voucher writes some fifty times.
BAR_X = [f"{BAR_LEFT + start * MODULE:.3f} {BAR_BOTTOM:.3f} " for start in range(MODULES)]
BAR_WIDTH = [f"{width * MODULE:.3f} {BAR_HEIGHT:.3f} re" for width in range(5)]
QR_SIDE = 12.6 * mm  # without its quiet zone of four modules, at most 1.8 mm
QR_LEFT, QR_BOTTOM = STUB + 32 * mm, 23.6 * mm

PLAIN, BOLD = "ApticVera", "ApticVeraBold"
INK, ACCENT, TINT, LINE = HexColor(0x1B2A57), HexColor(0xC8323F), HexColor(0xEEF2FA), HexColor(0xB9C4DC)
VOID = Color(0.78, 0.2, 0.25, alpha=0.35)

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
SLOGAN = "le chèque culture numérique pour tous"
TERMS = (
    "À remettre à un acteur de la médiation numérique du réseau #APTIC. Utilisable une seule fois, en entier ;"
    " ni échangé contre des espèces, ni remboursé."
)
STEPS = (
    "1. Choisissez un service et un lieu du réseau #APTIC{site}{qr}.",
    "2. Détachez le chèque et présentez-le : son code-barres est lu sur place.",
    "3. Le service coûte plus que vos chèques ? Vous payez la différence.",
    "Carnet perdu ou volé : donnez vite le numéro du carnet à qui vous l'a remis, il sera bloqué.",
)

# What a specimen bears: its check digits are wrong, so that every server refuses it before looking anything up.
VOID_SERIAL, VOID_CODE = 0, "0" * LENGTH


@dataclass(frozen=True)
class Sheet:
    """What the vouchers of one order have in common.

    :ivar title: the order's name, for the document's properties.
    :ivar sponsor: who pays.
    :ivar face_cents: value of one voucher, in cents.
    :ivar size: vouchers in a booklet.
    :ivar last_day: the last valid day, inclusive.
    :ivar message: the sponsor's message; shortened where it does not fit.
    :ivar logo: an image file's bytes, or None.
    :ivar site: where places are found, such as ``aptic.fr``; may be empty.
    :ivar check: address of the public check, before the serial; empty for no QR code.
    """

    title: str
    sponsor: str
    face_cents: int
    size: int
    last_day: date
    message: str = ""
    logo: bytes | None = None
    site: str = ""
    check: str = ""


def write(stream, sheet: Sheet, booklets: Iterable, void: bool = False) -> int:
    """Draw booklets into ``stream`` as one PDF, page by page; equal input gives equal bytes.

    :param stream: a file object open for writing bytes.
    :param booklets: pairs of a booklet's serial and its ``[(serial, code)]``; read one by one.
    :param void: strike every voucher through as a specimen.
    :return: how many vouchers were drawn.
    """
    canvas = _Painter(stream, sheet, void)
    count = sum(canvas.booklet(serial, pairs) for serial, pairs in booklets)
    canvas.save()
    return count


def write_singles(stream, sheet: Sheet, booklets: Iterable) -> int:
    """Draw each voucher on a page of its own size, without covers: for rolls, and for printers that cut before.

    Arguments and result as in :func:`write`.
    """
    canvas = _Painter(stream, sheet, False, (WIDTH, HEIGHT))
    count = sum(canvas.singles(pairs) for _serial, pairs in booklets)
    canvas.save()
    return count


def write_specimen(stream, sheet: Sheet) -> int:
    """Draw the proof (bon à tirer): one booklet whose serials and codes no server accepts."""
    return write(stream, sheet, [(VOID_SERIAL, [(VOID_SERIAL, VOID_CODE)] * sheet.size)], void=True)


def euros(cents: int) -> str:
    """Return an amount in figures: ``10 €``, ``7,50 €``, ``1 000 €``."""
    whole, rest = divmod(cents, 100)
    figures = f"{whole:,}".replace(",", "\xa0")
    return f"{figures},{rest:02d} €" if rest else f"{figures} €"


def in_words(cents: int) -> str:
    """Return an amount in French words: ``dix euros``, ``un euro et cinquante centimes``."""
    parts = []
    for number, unit in zip(divmod(cents, 100), ("euro", "centime"), strict=True):
        if number:
            parts.append(f"{num2words(number, lang='fr')} {unit}{'s' if number > 1 else ''}")
    return " et ".join(parts)


def long_day(day: date) -> str:
    """Return a day in French: ``1er mars 2027``."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def bars(code: str) -> str:
    """Return the modules of Code 128 C, ``1`` for black."""
    return Code128(code).build()[0]


def _fonts():
    if PLAIN not in pdfmetrics.getRegisteredFontNames():
        folder = os.path.join(os.path.dirname(reportlab.__file__), "fonts")
        pdfmetrics.registerFont(TTFont(PLAIN, os.path.join(folder, "Vera.ttf")))
        pdfmetrics.registerFont(TTFont(BOLD, os.path.join(folder, "VeraBd.ttf")))


def _printable(text):
    glyphs = pdfmetrics.getFont(PLAIN).face.charToGlyph
    return "".join(character for character in " ".join((text or "").split()) if ord(character) in glyphs)


def _shorten(text, font, size, width):
    if pdfmetrics.stringWidth(text, font, size) <= width:
        return text
    while text and pdfmetrics.stringWidth(text + "…", font, size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _lines(text, font, size, width, most):
    lines = simpleSplit(text, font, size, width)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [_shorten(line, font, size, width) for line in lines]


def _logo(data):
    """Return the logo as reportlab draws it, flattened and no larger than print needs, or None."""
    if not data:
        return None
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.thumbnail((600, 300))
            image = image.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError):
        return None
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image)
    return ImageReader(flat)


class _Painter(StreamedCanvas):
    """Draws booklets; what all slips share is drawn once, as forms."""

    def __init__(self, stream, sheet, void, pagesize=A4):
        _fonts()
        super().__init__(stream, pagesize)
        self.sheet, self.void, self.logo = sheet, void, _logo(sheet.logo)
        self.sponsor, self.message = _printable(sheet.sponsor), _printable(sheet.message)
        self.setTitle(_printable(sheet.title))
        self.setAuthor("#APTIC")
        self.setSubject("Spécimen" if void else "Chèques culture numérique")
        self.qr = Series(sheet.check) if sheet.check else None
        self._form("page", self._marks)
        self._form("voucher", self._voucher)

    def _form(self, name, draw):
        if not self.hasForm(name):
            self.beginForm(name, 0, 0, *(A4 if name == "page" else (WIDTH, HEIGHT)))
            draw()
            self.endForm()

    # ---------------------------------------------------------------- booklets
    def booklet(self, serial, pairs):
        """Draw one booklet on pages of its own and return the number of its vouchers.

        A booklet that replaces another has as many as that one had left.
        """
        self._form(f"cover{len(pairs)}", lambda: self._cover(len(pairs)))
        if (len(pairs) + 1) % SLIPS:
            self._form("help", self._help)
        slips = [lambda: self._fill_cover(serial, pairs)]
        slips += [
            lambda position=position, pair=pair: self._fill_voucher(position, len(pairs), *pair)
            for position, pair in enumerate(pairs, 1)
        ]
        if len(slips) % SLIPS:
            slips.append(lambda: self.doForm("help"))
        for start in range(0, len(slips), SLIPS):
            self.doForm("page")
            for place, fill in enumerate(slips[start : start + SLIPS]):
                self.saveState()
                self.translate(LEFT, BOTTOM + (SLIPS - 1 - place) * HEIGHT)
                fill()
                self.restoreState()
            self.showPage()
        return len(pairs)

    def singles(self, pairs):
        """Draw each voucher of a booklet on a page and return their number."""
        for position, pair in enumerate(pairs, 1):
            self._fill_voucher(position, len(pairs), *pair)
            self.showPage()
        return len(pairs)

    def _fill_cover(self, serial, pairs):
        self.doForm(f"cover{len(pairs)}")
        self.setFillColor(white)
        self.setFont(BOLD, 10)
        self.drawRightString(WIDTH - 5 * mm, 26 * mm, f"Carnet n° {serial_digits(serial)}")
        self.setFont(PLAIN, 7)
        first, last = pairs[0][0], pairs[-1][0]
        self.drawRightString(WIDTH - 5 * mm, 21.5 * mm, f"chèques {serial_digits(first)} à {serial_digits(last)}")
        self._strike()

    def _fill_voucher(self, position, size, serial, code):
        self.doForm("voucher")
        number = serial_digits(serial)
        self.setFillColor(INK)
        self.setFont(BOLD, 8)
        self.drawString(3 * mm, 12.5 * mm, number)
        self.setFont(PLAIN, 7)
        self.drawString(3 * mm, 8.5 * mm, f"chèque {position} sur {size}")
        middle = BAR_LEFT + MODULES * MODULE / 2
        self.drawCentredString(middle, 9.2 * mm, f"Chèque n° {number}")
        self.setFillColorRGB(0, 0, 0)
        self.setFont(BOLD, 9.5)
        self.drawCentredString(middle, 13.5 * mm, grouped(code))
        self._bars(code)
        if self.qr:
            self._qr(number)
        self._strike()

    def _bars(self, code):
        runs = map(re.Match.span, BAR.finditer(bars(code)))
        self._code.append(" ".join(BAR_X[start] + BAR_WIDTH[end - start] for start, end in runs) + " f")

    def _qr(self, number):
        """The address of the public check: an image of one bit a module, written as text into the page."""
        size = self.qr.size
        data = self.qr.bitmap(number).hex()
        # A stencil paints where its bits are 0, unless Decode says the contrary; rows are whole bytes, cut by /W.
        self._code.append(
            f"q {QR_SIDE:.3f} 0 0 {QR_SIDE:.3f} {QR_LEFT:.3f} {QR_BOTTOM:.3f} cm"
            f" BI /W {size} /H {size} /IM true /BPC 1 /D [1 0] /F /AHx ID {data}> EI Q"
        )

    def _strike(self):
        if self.void:
            self.saveState()
            self.setFillColor(VOID)
            self.setFont(BOLD, 44)
            self.translate(STUB + (WIDTH - STUB) / 2, HEIGHT / 2 - 5 * mm)
            self.rotate(10)
            self.drawCentredString(0, 0, "SPÉCIMEN")
            self.restoreState()

    # ------------------------------------------------------------------- forms
    def _marks(self):
        """Cutting marks outside the slips, at each cut and at the stub's perforation."""
        self.setStrokeColorRGB(0, 0, 0)
        self.setLineWidth(0.3)
        top, right, gap = BOTTOM + SLIPS * HEIGHT, LEFT + WIDTH, 1.5 * mm
        for place in range(SLIPS + 1):
            y = BOTTOM + place * HEIGHT
            self.line(LEFT - 6 * mm, y, LEFT - gap, y)
            self.line(right + gap, y, right + 6 * mm, y)
        for x in (LEFT, LEFT + STUB, right):
            self.line(x, top + gap, x, top + 6 * mm)
            self.line(x, BOTTOM - gap, x, BOTTOM - 6 * mm)

    def _frame(self):
        self.setStrokeColor(LINE)
        self.setLineWidth(0.4)
        self.rect(0, 0, WIDTH, HEIGHT)
        self.setDash(2, 2)
        self.line(STUB, 0, STUB, HEIGHT)
        self.setDash()

    def _voucher(self):
        self.setFillColor(TINT)
        self.rect(0, 0, STUB, HEIGHT, stroke=0, fill=1)
        self.setFillColor(INK)
        self.rect(STUB, HEIGHT - BAND, WIDTH - STUB, BAND, stroke=0, fill=1)
        self._frame()
        self._stub()
        self._band()
        self._sponsor(STUB + 3 * mm, 42 * mm)
        self._value(81 * mm)
        self.setFillColor(INK)
        self.setFont(PLAIN, 5.4)
        self.drawString(STUB + 3 * mm, 2.4 * mm, TERMS)

    def _stub(self):
        self.setFillColor(ACCENT)
        self.setFont(BOLD, 10)
        self.drawString(3 * mm, 40 * mm, "#APTIC")
        self.setFillColor(INK)
        self.setFont(BOLD, 13)
        self.drawString(3 * mm, 33 * mm, euros(self.sheet.face_cents))
        self.setFont(PLAIN, 6)
        for row, line in enumerate(_lines(self.sponsor, PLAIN, 6, STUB - 5 * mm, 2)):
            self.drawString(3 * mm, 28.5 * mm - row * 2.6 * mm, line)
        self.drawString(3 * mm, 20.5 * mm, "jusqu'au")
        self.setFont(BOLD, 6)
        self.drawString(3 * mm, 17.9 * mm, f"{self.sheet.last_day:%d/%m/%Y} inclus")

    def _band(self):
        baseline = HEIGHT - BAND + 2.6 * mm
        self.setFillColor(white)
        self.setFont(BOLD, 13)
        self.drawString(STUB + 3 * mm, baseline, "#APTIC")
        self.setFont(PLAIN, 8.5)
        self.drawString(STUB + 25 * mm, baseline, SLOGAN)
        if self.sheet.site:
            self.setFont(PLAIN, 7)
            self.drawRightString(WIDTH - 3 * mm, baseline, _printable(self.sheet.site))

    def _picture(self, x, y, width, height, anchor="w"):
        self.drawImage(self.logo, x, y, width, height, preserveAspectRatio=True, anchor=anchor)

    def _sponsor(self, x, width):
        top = HEIGHT - BAND - 2 * mm
        beside = QR_LEFT - x - 2.2 * mm if self.qr else width
        if self.logo:
            top -= 13 * mm
            self._picture(x, top, beside, 13 * mm)
            top = self._column(x, top, _lines(self.sponsor, BOLD, 7, width, 2), BOLD, 7)
        else:
            top = self._column(x, top, _lines(self.sponsor, BOLD, 7, beside, 3 if self.qr else 2), BOLD, 7)
            top = min(top, QR_BOTTOM - 2 * mm) if self.qr else top
        most = 4 if self.logo else 5 if self.qr else 7
        self._column(x, top, _lines(self.message, PLAIN, 6.5, width, most), PLAIN, 6.5)

    def _column(self, x, top, lines, font, size):
        """Write lines under each other and return where the next ones begin."""
        self.setFillColor(INK)
        self.setFont(font, size)
        for line in lines:
            top -= size * 1.22
            self.drawString(x, top, line)
        return top - 0.8 * mm

    def _value(self, x):
        width = BAR_LEFT - QUIET - x - 1 * mm
        self.setFillColor(ACCENT)
        figure, size = euros(self.sheet.face_cents), 26
        while pdfmetrics.stringWidth(figure, BOLD, size) > width:
            size -= 1
        self.setFont(BOLD, size)
        self.drawString(x, 27 * mm, figure)
        self.setFillColor(INK)
        self.setFont(BOLD, 7)
        for row, line in enumerate(_lines(in_words(self.sheet.face_cents), BOLD, 7, width, 2)):
            self.drawString(x, 22.5 * mm - row * 3 * mm, line)
        self.setFont(PLAIN, 6.5)
        self.drawString(x, 14.5 * mm, "valable jusqu'au")
        day, size = long_day(self.sheet.last_day), 8
        while pdfmetrics.stringWidth(day, BOLD, size) > width:
            size -= 0.25
        self.setFont(BOLD, size)
        self.drawString(x, 10.9 * mm, day)
        self.setFont(PLAIN, 6.5)
        self.drawString(x, 7.7 * mm, "inclus")

    def _cover(self, size):
        sheet = self.sheet
        self.setFillColor(INK)
        self.rect(0, 0, WIDTH, HEIGHT, stroke=0, fill=1)
        self.setFillColor(white)
        left = 5 * mm
        if self.logo:
            self.roundRect(left, 9 * mm, 44 * mm, 28 * mm, 2 * mm, stroke=0, fill=1)
            self._picture(left + 2 * mm, 11 * mm, 40 * mm, 24 * mm, "c")
            left += 50 * mm
        self.setFont(BOLD, 22)
        self.drawString(left, 34 * mm, "#APTIC")
        self.setFont(PLAIN, 9)
        self.drawString(left + 36 * mm, 34 * mm, SLOGAN)
        total = size * sheet.face_cents
        self.setFont(BOLD, 9)
        self.drawString(left, 27 * mm, f"Carnet de {size} chèque{'s' if size > 1 else ''} de {euros(sheet.face_cents)}")
        self.setFont(PLAIN, 8)
        self.drawString(left, 22.5 * mm, f"soit {euros(total)} ({in_words(total)})")
        self.drawString(left, 18.5 * mm, f"valables jusqu'au {long_day(sheet.last_day)} inclus")
        self.setFont(PLAIN, 7)
        room = WIDTH - left - 5 * mm
        offered = _lines(f"Offert par {self.sponsor}", PLAIN, 7, room, 1)
        for row, line in enumerate([*offered, *_lines(self.message, PLAIN, 7, room, 2)]):
            self.drawString(left, 12.5 * mm - row * 3.2 * mm, line)

    def _help(self):
        self.setFillColor(TINT)
        self.rect(0, 0, WIDTH, HEIGHT, stroke=0, fill=1)
        self.setStrokeColor(LINE)
        self.setLineWidth(0.4)
        self.rect(0, 0, WIDTH, HEIGHT)
        self.setFillColor(ACCENT)
        self.setFont(BOLD, 11)
        self.drawString(6 * mm, 36 * mm, "Comment utiliser vos chèques")
        self.setFillColor(INK)
        self.setFont(PLAIN, 8.5)
        site = f" sur {_printable(self.sheet.site)}" if self.sheet.site else ""
        qr = ", ou avec le carré de votre chèque" if self.qr else ""
        for row, step in enumerate(STEPS):
            self.drawString(6 * mm, 28.5 * mm - row * 6.2 * mm, step.format(site=site, qr=qr))
