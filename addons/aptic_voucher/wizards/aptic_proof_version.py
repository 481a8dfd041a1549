from odoo import api, fields, models


class ApticProofVersion(models.TransientModel):
    """Answer with a new version of the proof: after the confirmation, the only way to another message or logo."""

    _name = "aptic.proof.version"
    _description = "New version of a proof"

    order_id = fields.Many2one("aptic.order", required=True, readonly=True)
    reason = fields.Text(related="order_id.proof_id.reason")
    message = fields.Char(size=120)
    logo = fields.Image(max_width=1024, max_height=1024)
    note = fields.Text(string="What changed")

    @api.model
    def default_get(self, names):
        """Begin from what the voucher bears now."""
        values = super().default_get(names)
        order = self.env["aptic.order"].browse(values.get("order_id")).with_context(bin_size=False)
        return {**values, "message": order.message, "logo": order.logo} if order else values

    def action_send(self):
        """Make the version and send it to the sponsor."""
        self.ensure_one()
        self.order_id._check_staff()
        wizard = self.with_context(bin_size=False)
        self.order_id._offer_proof(wizard.message or False, wizard.logo or False, wizard.note or "")
        return {"type": "ir.actions.act_window_close"}
