"""The signed charter as a PDF: its text, then who signed it, when and how. Plain Python with reportlab."""

from xml.sax.saxutils import escape

from lxml import html
from odoo.addons.aptic_base.letter_pdf import BODY, HEADING, ITEM, SMALL, TITLE, build
from odoo.addons.aptic_base.signature_pdf import block
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, Spacer


def story(text):
    """Paragraphs of the charter's HTML: headings, paragraphs and lists; inline markup is flattened."""
    for node in html.fragment_fromstring(text or "", create_parent="div").iter("h1", "h2", "h3", "p", "li"):
        words = escape(" ".join(node.text_content().split()))
        if not words:
            continue
        if node.tag == "li":
            yield Paragraph(words, ITEM, bulletText="•")
        elif node.tag != "p":
            yield Paragraph(words, HEADING)
        elif node.getparent().tag != "li":
            yield Paragraph(words, BODY)


def draw(title, version, text, signing, labels):
    """Draw the signed charter; the same arguments give the same bytes.

    :param str text: HTML of the charter
    :param signing: :class:`~odoo.addons.aptic_base.signature_pdf.Signing`, the act of signing
    :param dict labels: words beside the signature: ``heading organisation name capacity signed_at ip signature
        version``
    :return: bytes of the PDF
    """
    content = [
        Paragraph(escape(title), TITLE),
        Paragraph(escape(f"{labels['version']} {version}"), SMALL),
        Spacer(1, 4 * mm),
        *story(text),
        Spacer(1, 6 * mm),
        block(signing, labels),
    ]
    return build(title, f"{title} – {labels['version']} {version}", content)
