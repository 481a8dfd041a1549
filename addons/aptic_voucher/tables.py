"""Tables that people open in a spreadsheet: numbers stay numbers, and no text is ever taken for a formula."""

import csv
import io
import itertools
from collections.abc import Iterable, Sequence
from datetime import date
from typing import BinaryIO

import xlsxwriter
from odoo.addons.aptic_base.import_files import harmless

MIMETYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def xlsx_bytes(title: str, rows: Iterable[Sequence]) -> bytes:
    """Return rows as a workbook of one sheet, its columns as wide as they need; for tables that memory holds.

    :param title: of the sheet
    :param rows: see :func:`write_xlsx`
    """
    rows = [list(row) for row in rows]
    columns = itertools.zip_longest(*rows, fillvalue=None)
    widths = [max(10, *(min(40, len(str(cell or "")) + 2) for cell in column)) for column in columns]
    output = io.BytesIO()
    write_xlsx(output, title, rows, widths)
    return output.getvalue()


def write(stream: BinaryIO, kind: str, title: str, rows: Iterable[Sequence], widths: Sequence[int]) -> None:
    """Write rows to a file of a kind, as :func:`write_csv` or :func:`write_xlsx` does.

    :param kind: a key of ``MIMETYPES``
    """
    if kind == "csv":
        write_csv(stream, rows)
    else:
        write_xlsx(stream, title, rows, widths)


def write_csv(stream: BinaryIO, rows: Iterable[Sequence]) -> None:
    """Write rows to a file as they come, as a CSV that French spreadsheets open by a double click.

    :param rows: cells are texts, numbers (a float is an amount), dates or None
    """
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    csv.writer(text, delimiter=";").writerows([_csv_cell(cell) for cell in row] for row in rows)
    text.detach()


def _csv_cell(cell):
    if isinstance(cell, float):
        return f"{cell:.2f}".replace(".", ",")
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    return "" if cell is None else harmless(cell)


def write_xlsx(stream: BinaryIO, title: str, rows: Iterable[Sequence], widths: Sequence[int]) -> None:
    """Write rows to a file as a workbook of one sheet; of the rows, memory holds one at a time.

    :param title: of the sheet
    :param rows: the first one is the header; cells are texts, numbers (a float is an amount), dates or None
    :param widths: of the columns, in characters
    """
    plain = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, {"constant_memory": True, **plain}) as book:
        sheet = book.add_worksheet(title[:31])
        bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for position, width in enumerate(widths):
            sheet.set_column(position, position, width)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows):
            for position, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, position, cell, day)
                elif isinstance(cell, int | float):
                    sheet.write_number(number, position, cell, money if isinstance(cell, float) else None)
                elif cell is not None:
                    sheet.write_string(number, position, harmless(cell), None if number else bold)
