from dateutil.relativedelta import relativedelta
from odoo import api, fields, models

from ..models.aptic_measure import CAUSES, MANAGERS

# Causes that the team decides on; the others are found by the daily jobs.
WAY_BACK_MONTHS = 12


class ApticMeasureTake(models.TransientModel):
    """Suspend or strike off a provider, with a cause and a reason that it reads."""

    _name = "aptic.measure.take"
    _description = "Suspend or strike off"

    provider_id = fields.Many2one("aptic.provider", required=True, readonly=True)
    kind = fields.Selection(
        [("suspension", "Suspension"), ("striking_off", "Striking off")], required=True, readonly=True
    )
    cause = fields.Selection(CAUSES, required=True)
    reason = fields.Text(required=True)
    reapply_from = fields.Date(
        string="May apply again from",
        compute="_compute_reapply_from",
        store=True,
        readonly=False,
        help="Empty: there is no way back.",
    )

    @api.depends("kind", "cause")
    def _compute_reapply_from(self):
        for wizard in self:
            wizard.reapply_from = (
                fields.Date.context_today(wizard) + relativedelta(months=WAY_BACK_MONTHS)
                if wizard.kind == "striking_off" and wizard.cause != "fraud"
                else False
            )

    def action_take(self):
        """Take the measure; scanning ends with it."""
        self.ensure_one()
        self._check_managers()
        if self.kind == "suspension":
            self.provider_id._suspend(self.cause, self.reason)
        else:
            self.provider_id._strike_off(self.cause, self.reason)
            self.provider_id._striking_off()._guarded_write({"reapply_from": self.reapply_from})
        return {"type": "ir.actions.act_window_close"}

    def _check_managers(self):
        self.provider_id._check_any_group(MANAGERS)
