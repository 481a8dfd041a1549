"""The files that an import gives: templates to fill in and the report of its rows. Plain Python."""

import csv
import io

import openpyxl
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from .import_columns import COLUMNS

SHEET_NAMES = {"provider": "Structures", "place": "Lieux"}
# A spreadsheet runs what begins like this (OWASP, « CSV injection »); full-width forms count too.
RUN_BY_SHEETS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")


def harmless(cell):
    """Return a cell that no spreadsheet takes for a formula; a number is none, and a float is an amount."""
    if isinstance(cell, float):
        return f"{cell:.2f}".replace(".", ",")
    text = str(cell)
    if isinstance(cell, int):
        return text
    return f"'{text}" if text.lstrip().startswith(RUN_BY_SHEETS) or text.startswith(RUN_BY_SHEETS) else text


def csv_bytes(rows):
    """Return rows as a CSV that French spreadsheets open by a double click, its cells harmless."""
    output = io.StringIO(newline="")
    writer = csv.writer(output, delimiter=";")
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return output.getvalue().encode("utf-8-sig")


def template_csv(kind):
    """The template of providers or places: its headers and one example."""
    columns = COLUMNS[kind]
    output = io.StringIO(newline="")
    writer = csv.writer(output, delimiter=";")
    writer.writerow([column.title for column in columns])
    writer.writerow([column.example for column in columns])
    return output.getvalue().encode("utf-8-sig")


def template_xlsx(types):
    """The template of both as a workbook; all cells are text, so that codes keep their zeros.

    :param types: names of the place types, told on a sheet of their own
    """
    book = openpyxl.Workbook()
    book.remove(book.active)
    for kind, columns in COLUMNS.items():
        sheet = book.create_sheet(SHEET_NAMES[kind])
        for position, column in enumerate(columns, start=1):
            letter = get_column_letter(position)
            sheet.column_dimensions[letter].width = max(14, len(column.title) + 4)
            sheet.column_dimensions[letter].number_format = "@"
            title = sheet.cell(1, position, column.title)
            title.font = Font(bold=column.required)
            for row, value in ((2, column.example),):
                cell = sheet.cell(row, position)
                cell.number_format = "@"
                cell.value = value or None
                cell.data_type = "s" if value else cell.data_type
        sheet.freeze_panes = "A2"
    help_sheet = book.create_sheet("Lisez-moi")
    lines = [
        "En gras : colonnes obligatoires. La ligne d'exemple est à remplacer.",
        "SIRET et codes : format texte, pour garder les zéros et les 14 chiffres.",
        "Forme juridique : association, entreprise, organisme public.",
        "Intervention : lieu propre, convention, amorçage.",
        "Types de lieu : " + ", ".join(types) + ".",
        "Commune : le code INSEE suffit ; sinon le code postal et la commune.",
        "Une cellule vide ne change rien. Le même fichier importé deux fois ne change rien.",
        "Le courriel est celui du contact : aucun compte n'est créé, invitez le responsable depuis sa fiche.",
    ]
    for number, line in enumerate(lines, start=1):
        help_sheet.cell(number, 1, line)
    help_sheet.column_dimensions["A"].width = 100
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()
