from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.aptic_measure import MANAGERS


class ApticMeasureLift(models.TransientModel):
    """Lift suspensions of a provider, with a note that is kept."""

    _name = "aptic.measure.lift"
    _description = "Lift a suspension"

    provider_id = fields.Many2one("aptic.provider", required=True, readonly=True)
    measure_ids = fields.Many2many(
        "aptic.measure",
        string="Suspensions to lift",
        compute="_compute_measure_ids",
        store=True,
        readonly=False,
        domain="[('provider_id', '=', provider_id), ('kind', '=', 'suspension'), ('ended_at', '=', False)]",
    )
    note = fields.Text(string="Why", required=True)

    @api.depends("provider_id")
    def _compute_measure_ids(self):
        for wizard in self:
            wizard.measure_ids = wizard.provider_id._open_measures()

    def action_lift(self):
        """Lift the chosen suspensions."""
        self.ensure_one()
        self.provider_id._check_any_group(MANAGERS)
        measures = self.measure_ids & self.provider_id._open_measures()
        if not measures:
            raise UserError(self.env._("Choose at least one suspension."))
        for cause in measures.mapped("cause"):
            self.provider_id._lift(cause, self.note)
        return {"type": "ir.actions.act_window_close"}
