from odoo import api, fields, models
from odoo.addons.aptic_base.write_once import protect
from odoo.exceptions import UserError

from .. import clock


class ApticExpiryNotice(models.Model):
    """What a sponsor was told before the last valid day of an order, and when it said that it had read it.

    A row is filled in and never rewritten: the database itself refuses.
    """

    _name = "aptic.expiry.notice"
    _description = "Notice before the end of an order"
    _inherit = ["aptic.guarded.mixin"]
    _order = "id desc"
    _rec_name = "last_day"

    order_id = fields.Many2one("aptic.order", required=True, index=True, ondelete="restrict", readonly=True)
    sponsor_id = fields.Many2one(related="order_id.sponsor_id", store=True)
    stage = fields.Integer(string="Days before the end", required=True, readonly=True, aggregator=None)
    last_day = fields.Date(string="Last valid day", required=True, readonly=True)
    remaining_count = fields.Integer(string="Still to be used", required=True, readonly=True)
    remaining_cents = fields.Integer(required=True, readonly=True, help="Their face value, in cents.")
    redeemed_count = fields.Integer(string="Redeemed", readonly=True)
    remaining_amount = fields.Monetary(string="Value still to be used", compute="_compute_remaining_amount")
    currency_id = fields.Many2one(related="order_id.currency_id")
    told = fields.Char(string="Sent to", readonly=True, help="The sponsor and the distributors.")
    sent_at = fields.Datetime(string="Sent on", required=True, readonly=True)
    acknowledged_at = fields.Datetime(string="Acknowledged on", readonly=True)
    acknowledged_by_id = fields.Many2one("res.users", string="Acknowledged by", readonly=True, ondelete="restrict")

    _guarded_fields = frozenset(
        {
            "order_id", "stage", "last_day", "remaining_count", "remaining_cents", "redeemed_count", "told", "sent_at",
            "acknowledged_at", "acknowledged_by_id",
        }
    )  # fmt: skip

    def init(self):  # pylint: disable=missing-return
        """Let the database itself refuse to rewrite a notice."""
        super().init()
        protect(self.env.cr, self._table)

    @api.depends("remaining_cents")
    def _compute_remaining_amount(self):
        for notice in self:
            notice.remaining_amount = notice.remaining_cents / 100

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A notice that was sent is kept."))

    def _acknowledge(self):
        """Note that the current user, of the sponsor, has read these notices; those noted already are left alone."""
        self._lock_or_retry()
        self.filtered(lambda notice: not notice.acknowledged_at)._guarded_write(
            {"acknowledged_at": clock.now(), "acknowledged_by_id": self.env.uid}
        )
