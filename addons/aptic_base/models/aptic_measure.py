from odoo import api, fields, models

CAUSES = [
    ("unpaid", "Unpaid subscription"),
    ("charter", "New charter not signed"),
    ("papers", "Dossier no longer complete"),
    ("conduct", "Breach of the charter"),
    ("fraud", "Suspicion of fraud"),
    ("request", "At the provider's own request"),
]


class ApticMeasure(models.Model):
    """A suspension or striking off of a provider: why, by whom, since when, and how it ended."""

    _name = "aptic.measure"
    _description = "Suspension or striking off"
    _inherit = ["aptic.guarded.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict", readonly=True)
    kind = fields.Selection(
        [("suspension", "Suspension"), ("striking_off", "Striking off")], required=True, readonly=True
    )
    cause = fields.Selection(CAUSES, required=True, readonly=True)
    reason = fields.Text(required=True, readonly=True, help="Told to the provider.")
    decided_by_id = fields.Many2one("res.users", string="Decided by", required=True, readonly=True, ondelete="restrict")
    decided_at = fields.Datetime(string="Decided on", required=True, readonly=True)
    ended_by_id = fields.Many2one("res.users", string="Lifted by", readonly=True, ondelete="restrict")
    ended_at = fields.Datetime(string="Lifted on", readonly=True)
    end_note = fields.Text(string="Why it was lifted", readonly=True)

    _guarded_fields = frozenset(
        {
            "provider_id",
            "kind",
            "cause",
            "reason",
            "decided_by_id",
            "decided_at",
            "ended_by_id",
            "ended_at",
            "end_note",
        }
    )

    _one_open = models.UniqueIndex(
        "(provider_id, cause) WHERE kind = 'suspension' AND ended_at IS NULL",
        "This provider is suspended for this cause already.",
    )
    _ended_whole = models.Constraint(
        "CHECK((ended_at IS NULL) = (ended_by_id IS NULL))", "A measure is lifted by somebody, on a day."
    )

    @api.depends("kind", "provider_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for measure in self:
            measure.display_name = f"{kinds.get(measure.kind, '')} – {measure.provider_id.display_name}"
