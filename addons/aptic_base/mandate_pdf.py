"""The form by which a legal representative lets somebody act in his name, to sign. Plain Python with reportlab."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Paragraph, Spacer, Table, TableStyle

from .letter_pdf import BODY, HEADING, INK, ITEM, LINE, SMALL, TITLE, build, grid

FORM_TITLE = "Autorisation du responsable légal à agir en son nom"
POWERS = (
    "créer et tenir à jour le dossier de l'organisation, ses lieux, ses services et ses prix ;",
    "répondre au questionnaire d'éligibilité ;",
    "signer la charte #APTIC au nom du responsable légal ;",
    "transmettre les pièces justificatives et les coordonnées bancaires de l'organisation ;",
    "choisir l'abonnement, inviter des membres et retirer leur accès.",
)


@dataclass(frozen=True)
class Mandate:
    """Who gives the mandate, for which organisation, to whom; an empty text leaves a line to fill in by hand."""

    organisation: str
    siret: str
    legal_form: str
    address: str
    representative: str
    capacity: str
    agent: str
    agent_email: str


def _rows(pairs, heights=9):
    cells = [[Paragraph(escape(label), SMALL), Paragraph(escape(value), SMALL)] for label, value in pairs]
    return grid(cells, (55, 115), heights=heights)


def draw(mandate):
    """Draw the form; the same arguments give the same bytes.

    :param Mandate mandate: what is known already
    :return: bytes of the PDF
    """
    signing = Table(
        [
            [
                Paragraph("Le responsable légal<br/>« Bon pour pouvoir », date et signature", SMALL),
                Paragraph("Le mandataire<br/>« Bon pour acceptation », date et signature", SMALL),
            ],
            ["", ""],
        ],
        colWidths=(85 * mm, 85 * mm),
        rowHeights=(14 * mm, 32 * mm),
    )
    signing.setStyle(
        TableStyle(
            [
                ("BOX", (0, 0), (-1, -1), 0.6, INK),
                ("LINEAFTER", (0, 0), (0, -1), 0.25, LINE),
                ("VALIGN", (0, 0), (-1, 0), "TOP"),
            ]
        )
    )
    return build(
        FORM_TITLE,
        f"#APTIC – {FORM_TITLE}",
        [
            Paragraph(escape(FORM_TITLE), TITLE),
            Paragraph("#APTIC, le chèque culture numérique", SMALL),
            Paragraph("L'organisation", HEADING),
            Spacer(1, 2 * mm),
            _rows(
                [
                    ("Dénomination", mandate.organisation),
                    ("SIRET", mandate.siret),
                    ("Forme juridique", mandate.legal_form),
                    ("Adresse", mandate.address),
                ]
            ),
            Paragraph("Le responsable légal (mandant)", HEADING),
            Spacer(1, 2 * mm),
            _rows([("Nom et prénom", mandate.representative), ("Qualité", mandate.capacity)]),
            Paragraph("La personne autorisée (mandataire)", HEADING),
            Spacer(1, 2 * mm),
            _rows(
                [
                    ("Nom et prénom", mandate.agent),
                    ("Adresse électronique du compte", mandate.agent_email),
                    ("Fonction dans l'organisation", ""),
                ]
            ),
            Spacer(1, 4 * mm),
            Paragraph(
                "Je soussigné(e), responsable légal de l'organisation ci-dessus, autorise la personne désignée à agir "
                "en mon nom auprès de la plateforme #APTIC, opérée par Médias-Cité, et notamment à :",
                BODY,
            ),
            *(Paragraph(escape(power), ITEM, bulletText="•") for power in POWERS),
            Paragraph(
                "Cette autorisation vaut jusqu'à ce que je la retire par écrit, ou que je cesse mes fonctions. Les "
                "actes accomplis dans ses limites engagent l'organisation.",
                BODY,
            ),
            KeepTogether([Spacer(1, 2 * mm), Paragraph("Fait à ................................", BODY), signing]),
            Spacer(1, 4 * mm),
            Paragraph(
                "À signer, puis à déposer en PDF ou en photo sur la page « Mes pièces » de votre dossier #APTIC, avec "
                "une pièce d'identité du responsable légal si elle n'y est pas encore.",
                SMALL,
            ),
        ],
    )
