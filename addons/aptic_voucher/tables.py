"""Tables that people open in a spreadsheet: numbers stay numbers, and no text is ever taken for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import BinaryIO

import openpyxl
import xlsxwriter
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
