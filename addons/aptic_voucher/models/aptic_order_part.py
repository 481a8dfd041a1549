from odoo import api, fields, models
from odoo.exceptions import UserError


class ApticOrderPart(models.AbstractModel):
    """A row of an order that may change as long as the order is in some states, whoever writes it."""

    _name = "aptic.order.part"
    _description = "Part of an order"

    order_id = fields.Many2one("aptic.order", required=True, index=True, ondelete="cascade")

    # States of the order in which its rows may change.
    _open_states = ("draft",)

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse a new row where it comes too late."""
        parts = super().create(vals_list)
        parts._check_open()
        return parts

    def write(self, vals):
        """Refuse a change that comes too late."""
        self._check_open()
        result = super().write(vals)
        if "order_id" in vals:
            self._check_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        self._check_open()

    def _check_open(self):
        closed = self.sudo().order_id.filtered(lambda order: order.state not in self._open_states)
        if closed:
            raise UserError(self._closed_message(closed[0]))

    def _closed_message(self, order):
        """What a person is told who changes a row too late."""
        return self.env._(
            "%(order)s has gone too far: its part “%(part)s” can no longer change.",
            order=order.display_name, part=self.env["ir.model"]._get(self._name).sudo().name,
        )  # fmt: skip


class ApticOrderRule(models.AbstractModel):
    """A row of an order that freezes with its confirmation: who takes its vouchers, who hands them out."""

    _name = "aptic.order.rule"
    _description = "Frozen part of an order"
    _inherit = ["aptic.order.part"]

    def _closed_message(self, order):
        return self.env._("The rules of %(name)s are frozen since its confirmation.", name=order.display_name)
