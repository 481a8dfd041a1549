from odoo import fields, models


class ApticStatement(models.Model):
    """Whether a statement of an approved settlement has its documents: a draft has none yet, or says why."""

    _inherit = "aptic.statement"

    booked_day = fields.Date(
        string="Accounting day",
        readonly=True,
        copy=False,
        help="Of its entries and of its rows of the ledger: the day of the approval; where it has been closed by a"
        " lock date since, the day on which they were made.",
    )
    documents_error = fields.Char(string="Why it has no documents", readonly=True, copy=False)

    _guarded_fields = frozenset({"booked_day", "documents_error"})

    _undocumented = models.Index("(settlement_id) WHERE state = 'draft'")
