from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.aptic_printing import KINDS


class ApticPrint(models.TransientModel):
    """What to print of an order: a format, all of it or some booklets, and why when it is done again."""

    _name = "aptic.print"
    _description = "Print vouchers"

    order_id = fields.Many2one("aptic.order", required=True, readonly=True)
    kind = fields.Selection(KINDS, string="Format", required=True, default="sheets")
    first = fields.Char(string="From booklet", help="Left empty: from the first one that was not printed.")
    last = fields.Char(string="To booklet", help="Left empty: to the last one, or only the first given.")
    reason = fields.Char(help="Needed when the same booklets are printed again.")
    waiting = fields.Integer(string="Vouchers never printed", compute="_compute_waiting")

    @api.depends("order_id", "first", "last")
    def _compute_waiting(self):
        for wizard in self:
            try:
                first, last = wizard._range()
            except UserError:
                wizard.waiting = 0
                continue
            ranges = wizard.order_id._ranges("free", first, last) if wizard.order_id else []
            wizard.waiting = sum(quantity for _first, _last, quantity in ranges)

    def _range(self):
        """The serials typed; ``(None, None)`` for all."""
        if not (self.first or "").strip():
            return None, None
        return self.env["aptic.voucher"]._read_range(self.first, self.last)

    def _print(self):
        """The file asked for, drawn now; see ``aptic.order._print``."""
        self.ensure_one()
        first, last = self._range()
        return self.order_id._print(self.kind, first, last, self.reason)

    def action_download(self):
        """Let the browser fetch the file, which is drawn then and stored nowhere."""
        self.ensure_one()
        self.order_id._to_print(*self._range(), self.reason)
        return {"type": "ir.actions.act_url", "url": f"/aptic/print/{self.id}", "target": "download"}

    def action_reprint(self):
        """Replace the booklets by new ones, and let this wizard print those."""
        self.ensure_one()
        first, last = self._range()
        if first is None:
            raise UserError(self.env._("Say which booklets are printed again: write their numbers."))
        serials = self.order_id._reprint(first, last, self.reason).mapped("serial")
        self.write({"first": str(min(serials)), "last": str(max(serials)), "reason": False})
        action = self.env["ir.actions.act_window"]._for_xml_id("aptic_voucher.aptic_print_action")
        return {**action, "res_id": self.id}
