from odoo import api, fields, models
from odoo.addons.aptic_base.texts import one_line
from odoo.exceptions import UserError

from ..watch import LONGEST_REASON

VERBS = {
    ("aptic.alert", "cancel"): "_cancel_scans",
    ("aptic.alert", "confirm"): "_confirm",
    ("aptic.alert", "dismiss"): "_dismiss",
    ("aptic.attempt.alarm", "close"): "_close",
    ("aptic.lockout", "lift"): "_lift",
}


class ApticWatchAnswer(models.TransientModel):
    """The reason that goes with a decision on what the watch has found."""

    _name = "aptic.watch.answer"
    _description = "Decision with its reason"

    res_model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference(required=True, readonly=True, model_field="res_model")
    verb = fields.Char(required=True, readonly=True)
    reason = fields.Char(string="What you found out", required=True)

    @api.model
    def _ask(self, record, verb, title):
        """The action that asks for the reason and then decides.

        :param record: of what is decided
        :param str verb: which of the model's decisions, see ``VERBS``
        :param str title: what is about to happen
        """
        record.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_res_model": record._name, "default_res_id": record.id, "default_verb": verb},
        }

    def action_decide(self):
        """Decide; the verb itself checks who may."""
        self.ensure_one()
        verb = VERBS.get((self.res_model, self.verb))
        record = verb and self.env[self.res_model].browse(self.res_id).exists()
        if not record:
            raise UserError(self.env._("This decision does not exist: open the record again."))
        record.check_access("read")
        getattr(record, verb)(one_line(self.reason, LONGEST_REASON))
        return {"type": "ir.actions.act_window_close"}
