from odoo import fields, models

CAUSES = [("lost", "Lost"), ("stolen", "Stolen"), ("damaged", "Damaged"), ("other", "Other")]


class ApticBlockingTake(models.TransientModel):
    """Block lost or stolen booklets, by the numbers on their covers."""

    _name = "aptic.blocking.take"
    _description = "Block vouchers"

    order_id = fields.Many2one("aptic.order", help="Left empty: found by the numbers.")
    unit = fields.Selection(
        [("booklets", "Whole booklets"), ("vouchers", "These vouchers only")], required=True, default="booklets"
    )
    first = fields.Char(string="First number", required=True, help="The ten digits of a booklet or of a voucher.")
    last = fields.Char(string="Last number", help="Left empty: only the first.")
    cause = fields.Selection(CAUSES, required=True, default="lost")
    reason = fields.Char(string="What happened", required=True)

    def action_block(self):
        """Block, and show what was."""
        self.ensure_one()
        first, last = self.env["aptic.voucher"]._read_range(self.first, self.last)
        blockings = self.env["aptic.blocking"]._block(
            first, last, self.cause, self.reason, self.unit == "booklets", self.order_id or None
        )
        action = self.env["ir.actions.act_window"]._for_xml_id("aptic_voucher.aptic_blocking_action")
        if len(blockings) == 1:
            return {**action, "view_mode": "form", "views": [(False, "form")], "res_id": blockings.id}
        return {**action, "domain": [("id", "in", blockings.ids)]}
