"""The delivery note of a lot. Plain Python with reportlab; like all papers of the house it is in French."""

from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

from odoo.addons.aptic_base.letter_pdf import BODY, HEADING, SMALL, TITLE, build, grid
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Paragraph, Spacer, Table, TableStyle

from .sheet import euros


@dataclass(frozen=True)
class Note:
    """What the delivery note says."""

    name: str
    day: date
    sender: list[str]
    recipient: list[str]
    order: str
    sponsor: str
    booklets: int
    size: int  # vouchers in a booklet; 0: of several sizes
    vouchers: int
    first: str
    last: str
    last_day: date
    face_cents: int
    note: str = ""


def _lines(texts):
    return Paragraph("<br/>".join(escape(text.strip()) for text in texts if text.strip()), BODY)


def delivery_note(note: Note) -> bytes:
    """Draw the delivery note; the same arguments give the same bytes.

    It bears no code, only serials, and no barcode: who acknowledges the lot scans the booklets.
    """
    of_size = f" de {note.size} chèques" if note.size else ""
    facts = [
        ("Commande", f"{note.order} · {note.sponsor}"),
        ("Carnets", f"{note.booklets} carnets{of_size}, soit {note.vouchers} chèques"),
        ("Valeur d'un chèque", euros(note.face_cents)),
        ("Premier numéro", note.first),
        ("Dernier numéro", note.last),
        ("Dernier jour de validité", f"{note.last_day:%d/%m/%Y}"),
    ]
    if note.note:
        facts.append(("Remarque", note.note))
    rows = [[Paragraph(escape(label), SMALL), Paragraph(f"<b>{escape(value)}</b>", BODY)] for label, value in facts]
    addresses = Table([[_lines(note.sender), _lines(note.recipient)]], colWidths=(85 * mm, 85 * mm))
    addresses.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]))
    steps = (
        "Comptez les carnets et regardez si les numéros se suivent.",
        "Dans votre espace #APTIC (« Carnets »), ouvrez ce lot et scannez le premier chèque du premier carnet, puis le "
        "dernier chèque du dernier carnet. Sans douchette, tapez les dix chiffres des numéros.",
        "S'il manque un carnet, n'accusez pas réception : écrivez à l'équipe #APTIC depuis votre espace.",
    )
    signing = grid(
        [
            [
                Paragraph("Remis par<br/>Nom, date et signature<br/><br/><br/><br/>", SMALL),
                Paragraph("Reçu par<br/>Nom, date et signature<br/><br/><br/><br/>", SMALL),
            ]
        ],
        (85, 85),
    )
    story = [
        Paragraph("#APTIC, le chèque culture numérique", SMALL),
        Paragraph(f"Bon de livraison {escape(note.name)}", TITLE),
        Paragraph(f"Le {note.day:%d/%m/%Y}", BODY),
        Spacer(1, 4 * mm),
        addresses,
        Spacer(1, 6 * mm),
        grid(rows, (50, 120)),
        Spacer(1, 6 * mm),
        Paragraph("À la réception", HEADING),
        *(Paragraph(escape(text), BODY, bulletText=f"{number}.") for number, text in enumerate(steps, 1)),
        Paragraph(
            "Les chèques ne valent rien avant leur activation. Remettez les carnets sans relever le nom des personnes.",
            BODY,
        ),
        Spacer(1, 6 * mm),
        KeepTogether([signing]),
    ]
    return build(f"Bon de livraison {note.name}", f"#APTIC · bon de livraison {note.name}", story)
