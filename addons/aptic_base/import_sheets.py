"""Reading of the files that people import: CSV in offices' encodings, XLSX; hostile ones refused. Plain Python."""

import csv
import io
import lzma
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

SEPARATORS = ";,\t|"
MAX_COLUMNS = 200
LAST_ROW = 1_048_576  # of any spreadsheet
UNPACKED_TIMES = 10  # an XLSX may unpack to this many times the size allowed for files
MAX_PARTS = 2_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # XLS, and XLSX with a password
BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
AS_TEXT = re.compile(r'="(.*)"')  # what offices write into a CSV to keep the zeros of a code
# What the readers of ZIP, XML and workbooks are known to raise when their bytes are wrong.
DAMAGES = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    RuntimeError,
    SyntaxError,  # the parent of XML's parse errors
    TypeError,
    ValueError,
)


class BadFile(ValueError):
    """A file that cannot be read; ``code`` says why, ``facts`` are for the sentence.

    Codes: ``empty``, ``too_big`` (``limit`` in MB), ``too_many_rows`` (``limit``), ``too_many_columns`` (``limit``),
    ``xls``, ``macros``, ``not_a_sheet``, ``unpacks_too_much``, ``damaged``, ``encoding``, ``nul``.
    """

    def __init__(self, code, **facts):
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass(frozen=True)
class Sheet:
    """A table as it was found: ``rows`` are ``(line, cells)``; lines without anything are left out."""

    name: str
    rows: list


def read(content, max_bytes, max_rows):
    """Return the :class:`Sheet` list of a file.

    :param bytes content: the file
    :param int max_bytes: size from which it is refused
    :param int max_rows: rows of all sheets together, above which it is refused
    :raise BadFile: see its codes
    """
    if not content.strip():
        raise BadFile("empty")
    if len(content) > max_bytes:
        raise BadFile("too_big", limit=max_bytes // 10**6)
    if content.startswith(OLE):
        raise BadFile("xls")
    sheets = _read_xlsx(content, max_bytes, max_rows) if content.startswith(b"PK") else _read_csv(content, max_rows)
    if not any(sheet.rows for sheet in sheets):
        raise BadFile("empty")
    return sheets


def _rows(numbered, max_rows, already=0):
    """Keep the lines that hold something, within the limits."""
    rows = []
    for line, cells in numbered:
        if not any(cell not in ("", None) for cell in cells):
            continue
        if len(cells) > MAX_COLUMNS:
            raise BadFile("too_many_columns", limit=MAX_COLUMNS)
        if already + len(rows) > max_rows:  # one more than rows: the header
            raise BadFile("too_many_rows", limit=max_rows)
        rows.append((line, tuple(cells)))
    return rows


# ------------------------------------------------------------------------- CSV
def _decode(content):
    for mark, encoding in BOMS:
        if content.startswith(mark):
            try:
                return content.decode(encoding).removeprefix("\ufeff")
            except UnicodeDecodeError as error:
                raise BadFile("encoding") from error
    for encoding in ("utf-8", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile("encoding")


def _separator(line):
    """The separator that cuts the header into the most columns; ``;`` when none does."""
    return max(SEPARATORS, key=lambda sign: len(next(csv.reader([line], delimiter=sign), [])))


def _read_csv(content, max_rows):
    text = _decode(content)
    if "\0" in text:
        raise BadFile("nul")
    try:
        return [Sheet("", _csv_rows(text, max_rows))]
    except csv.Error as error:
        raise BadFile("damaged") from error


def _csv_rows(text, max_rows):
    lines = text.splitlines()
    start = 0
    told = re.fullmatch(r"sep=(.)", lines[0].strip(), re.IGNORECASE) if lines else None
    if told and told.group(1) in SEPARATORS:
        separator, start = told.group(1), 1
        text = text.split("\n", 1)[1] if "\n" in text else ""
    else:
        separator = _separator(next((line for line in lines if line.strip()), ""))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)

    def numbered():
        line = start + 1
        for cells in reader:
            yield line, [AS_TEXT.sub(r"\1", cell) if cell.startswith('="') else cell for cell in cells]
            line = start + reader.line_num + 1

    return _rows(numbered(), max_rows)


# ------------------------------------------------------------------------ XLSX
def _check_zip(content, max_bytes):
    """Refuse what is no plain workbook before anything of it is unpacked."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except DAMAGES as error:
        raise BadFile("damaged") from error
    with archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if any("vbaproject" in name.lower() for name in names):
            raise BadFile("macros")
        if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
            raise BadFile("not_a_sheet")
        # zipfile reads no more of a part than its declared size: the declaration is enough to judge by.
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > UNPACKED_TIMES * max_bytes:
            raise BadFile("unpacks_too_much")
        for part in parts:
            if not part.filename.endswith((".xml", ".rels")):
                continue
            try:
                with archive.open(part) as stream:
                    start = stream.read(4096)
            except DAMAGES as error:
                raise BadFile("damaged") from error
            if b"<!" in start.replace(b"\0", b"").replace(b"<!--", b""):  # a document type: entities, which we need not
                raise BadFile("damaged")
            if part.filename == "[Content_Types].xml" and b"macroEnabled" in start:
                raise BadFile("macros")


def _read_xlsx(content, max_bytes, max_rows):
    _check_zip(content, max_bytes)
    sheets, count = [], 0
    try:
        # Formulas come as their text; what they would give is not ours to trust.
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        try:
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # what the file declares of itself is often wrong, and may be hostile
                numbered = enumerate(
                    sheet.iter_rows(values_only=True, max_row=LAST_ROW, max_col=MAX_COLUMNS + 1), start=1
                )
                rows = _rows(((line, _trimmed(cells)) for line, cells in numbered), max_rows, count)
                sheets.append(Sheet(sheet.title, rows))
                count += max(len(rows) - 1, 0)
        finally:
            book.close()
    except BadFile:
        raise
    except DAMAGES as error:
        raise BadFile("damaged") from error
    return sheets


def _trimmed(cells):
    """A row without the empty cells at its end."""
    last = len(cells)
    while last and cells[last - 1] in (None, ""):
        last -= 1
    return ["" if cell is None else cell for cell in cells[:last]]
