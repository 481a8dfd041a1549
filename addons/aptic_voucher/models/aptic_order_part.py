from odoo import api, fields, models
from odoo.exceptions import UserError


class ApticOrderPart(models.AbstractModel):
    """A row of an order that may change for as long as it is still of use, whoever writes it."""

    _name = "aptic.order.part"
    _description = "Part of an order"
    _order = "order_id, sequence, id"

    order_id = fields.Many2one("aptic.order", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)

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
            raise UserError(
                self.env._(
                    "%(order)s has gone too far: its part “%(part)s” can no longer change.",
                    order=closed[0].display_name, part=self._description_of_part(),
                )
            )  # fmt: skip

    def _description_of_part(self):
        return self.env["ir.model"]._get(self._name).sudo().name
