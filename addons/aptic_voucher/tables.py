"""Tables that people open in a spreadsheet: numbers stay numbers, and no text is ever taken for a formula."""

import io
from collections.abc import Iterable, Sequence

import openpyxl
from odoo.addons.aptic_base.import_files import harmless
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter


def xlsx_bytes(title: str, rows: Iterable[Sequence]) -> bytes:
    """Return rows as a workbook of one sheet; the first row is the header.

    :param title: of the sheet
    :param rows: cells are texts, numbers, dates or None
    """
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title[:31]
    widths: dict[int, int] = {}
    for number, row in enumerate(rows, start=1):
        for position, value in enumerate(row, start=1):
            cell = sheet.cell(number, position, harmless(value) if isinstance(value, str) else value)
            if isinstance(value, str):
                cell.data_type = "s"
            if number == 1:
                cell.font = Font(bold=True)
            widths[position] = max(widths.get(position, 10), min(40, len(str(value or "")) + 2))
    for position, width in widths.items():
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = "A2"
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()
