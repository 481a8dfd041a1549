from odoo import api, fields, models
from odoo.addons.aptic_base.write_once import protect
from odoo.exceptions import UserError


class ApticExtension(models.Model):
    """A later last day of an order: from which day to which, why and by whom. Written once."""

    _name = "aptic.extension"
    _description = "Extension of an order"
    _inherit = ["aptic.guarded.mixin"]
    _order = "id desc"
    _rec_name = "to_day"

    order_id = fields.Many2one("aptic.order", required=True, index=True, ondelete="restrict", readonly=True)
    sponsor_id = fields.Many2one(related="order_id.sponsor_id", store=True)
    from_day = fields.Date(string="Last valid day before", required=True, readonly=True)
    to_day = fields.Date(string="New last valid day", required=True, readonly=True)
    reason = fields.Char(required=True, readonly=True, help="Told to the sponsor.")
    at = fields.Datetime(string="Decided on", required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="Decided by", required=True, ondelete="restrict", readonly=True)
    revived_count = fields.Integer(
        string="Vouchers valid again", readonly=True, help="Vouchers that had expired and are taken again."
    )
    revived_cents = fields.Integer(readonly=True, help="Their face value, in cents.")

    _guarded_fields = frozenset(
        {"order_id", "from_day", "to_day", "reason", "at", "user_id", "revived_count", "revived_cents"}
    )

    _later = models.Constraint("CHECK(to_day > from_day)", "An extension makes the last valid day later.")

    def init(self):  # pylint: disable=missing-return
        """Let the database itself refuse to rewrite an extension."""
        super().init()
        protect(self.env.cr, self._table)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The trace of an extension is kept."))
