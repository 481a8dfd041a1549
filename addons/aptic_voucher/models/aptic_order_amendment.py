from odoo import fields, models

from .. import rules


class ApticOrder(models.Model):
    """What was changed in an order after its confirmation."""

    _inherit = "aptic.order"

    amendment_ids = fields.One2many("aptic.amendment", "order_id", groups="aptic_base.group_aptic_user")

    def _amend(self, rows, changes):
        """Put wider rules in the place of the frozen ones; the database checks them against the approved amendment.

        :param rows: the new frozen rows
        :param changes: what was added to the old ones
        """
        self.ensure_one()
        self._guarded_write({"frozen_rules": rows})
        self.flush_recordset(["frozen_rules"])
        self.rule_ids.sudo()._follow(changes)

    def _rule_kinds(self):
        """The kinds of the order's rules: what an amendment can make wider."""
        self.ensure_one()
        return {rules.name_of(row) for row in self._rule_rows()} - {""}

    def action_extend_rules(self):
        """Open the form in which staff extend the rules."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Extend the rules of %s", self.name),
            "res_model": "aptic.amendment.extension",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }
