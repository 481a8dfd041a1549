from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .. import acts


class ApticRedemption(models.Model):
    """One act of payment: the vouchers that one person gave for one service at one place."""

    _name = "aptic.redemption"
    _description = "Redemption"
    _log_access = False
    _order = "id desc"

    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict", readonly=True)
    place_id = fields.Many2one("aptic.place", required=True, ondelete="restrict", readonly=True)
    territory_id = fields.Many2one(
        "aptic.territory",
        required=True,
        ondelete="restrict",
        readonly=True,
        help="The place's municipality on that day.",
    )
    offer_id = fields.Many2one("aptic.offer", required=True, ondelete="restrict", readonly=True)
    service_id = fields.Many2one("aptic.service", required=True, ondelete="restrict", readonly=True)
    audience_id = fields.Many2one("aptic.audience", ondelete="restrict", readonly=True)
    member_id = fields.Many2one("aptic.member", ondelete="restrict", readonly=True)
    user_id = fields.Many2one("res.users", required=True, ondelete="restrict", readonly=True)
    price_cents = fields.Integer(required=True, readonly=True)
    voucher_count = fields.Integer(required=True, readonly=True)
    face_cents = fields.Integer(
        required=True, readonly=True, help="What the vouchers pay and the provider is owed, in cents."
    )
    copay_cents = fields.Integer(required=True, readonly=True, help="What the beneficiary adds, in cents.")
    serials = fields.Char(required=True, readonly=True, help="Public serials of the vouchers, for good.")
    client_key = fields.Char(required=True, readonly=True)
    payload_hash = fields.Char(required=True, readonly=True)
    client_time = fields.Datetime(required=True, readonly=True)
    received_at = fields.Datetime(required=True, readonly=True)
    day = fields.Date(required=True, readonly=True, help="Receipt day in the operator's time zone: the accounting day.")
    state = fields.Selection(
        [("done", "Done"), ("cancelled", "Cancelled"), ("settled", "Settled"), ("reversed", "Reversed")],
        required=True,
        default="done",
        readonly=True,
    )
    event_ids = fields.One2many("aptic.event", "redemption_id")

    currency_id = fields.Many2one(related="provider_id.currency_id")
    price = fields.Monetary(compute="_compute_amounts")
    face = fields.Monetary(string="Paid by vouchers", compute="_compute_amounts")
    copay = fields.Monetary(string="Paid by the beneficiary", compute="_compute_amounts")

    _client_key_unique = models.UniqueIndex("(provider_id, client_key)")
    _day_index = models.Index("(provider_id, day)")
    _latest_index = models.Index("(provider_id, id)")
    _serials_index = models.Index("USING gin (string_to_array(serials, ' '))")
    _unsettled_index = models.Index("(provider_id, received_at) WHERE state = 'done'")
    _amounts = models.Constraint(
        "CHECK(price_cents > 0 AND voucher_count > 0 AND face_cents > 0 AND copay_cents >= 0)",
        "A redemption has a price and vouchers.",
    )

    @api.depends("price_cents", "face_cents", "copay_cents")
    def _compute_amounts(self):
        for redemption in self:
            redemption.price = redemption.price_cents / 100
            redemption.face = redemption.face_cents / 100
            redemption.copay = redemption.copay_cents / 100

    @api.depends("provider_id", "received_at")
    def _compute_display_name(self):
        for redemption in self:
            redemption.display_name = self.env._("Redemption %s", redemption.id)

    # ----------------------------------------------------------------- ledger
    @api.model
    def _prepare_ledger_rows(self, kind, redemption_id, vouchers, at, user_id, reason=None):
        """One ledger row for each order concerned; serials are named where they follow each other."""
        by_order = {}
        for voucher in vouchers:
            by_order.setdefault(voucher.order_id, []).append(voucher)
        rows = []
        for order_id, some in sorted(by_order.items()):
            first, last = some[0].serial, some[-1].serial
            is_range = last - first + 1 == len(some)
            rows.append(
                {
                    "kind": kind,
                    "at": at,
                    "order_id": order_id,
                    "quantity": len(some),
                    "amount_cents": sum(voucher.face_cents for voucher in some),
                    "serial_from": first if is_range else None,
                    "serial_to": last if is_range else None,
                    "redemption_id": redemption_id,
                    "user_id": user_id,
                    "reason": reason,
                }
            )
        return rows

    # ----------------------------------------------------------------- cancel
    def _may_cancel(self):
        """Whether the current user may cancel: a manager of the provider, or staff."""
        self.ensure_one()
        user = self.env.user
        return (
            self.env.su
            or user.has_group("aptic_base.group_aptic_user")
            or bool(self.env["aptic.member"]._find(self.sudo().provider_id, roles=("manager",)))
        )

    def _cancel(self, reason):
        """Give the vouchers of an act back, as long as it is not settled; a ledger row says so.

        A voucher becomes active again, or expired when its order has expired meanwhile. Cancelling twice is once.

        :param str reason: why, in the person's words; kept in the ledger
        :raise AccessError: when the user is neither staff nor a manager of the provider
        :raise UserError: without a reason, or when the act is settled
        :raise LockError: when another transaction holds it
        """
        self.ensure_one()
        if not self._may_cancel():
            raise AccessError(self.env._("Only a manager of the provider may cancel a scan: ask one."))
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why this scan is cancelled."))
        self._give_back(reason)

    def _give_back(self, reason):
        """What :meth:`_cancel` does once the caller has checked who asks; arguments and errors as there."""
        act = self.sudo()
        act.lock_for_update()
        act.invalidate_recordset(["state"])
        if act.state == "cancelled":
            return
        if act.state != "done":
            raise UserError(
                self.env._("This scan is settled already and can no longer be cancelled: write to the operator.")
            )
        act._return_vouchers("cancel", "cancelled", reason, fields.Datetime.now())
        act._after_cancel()

    def _return_vouchers(self, kind, state, reason, at):
        """Make the vouchers of this act usable again, or expired when their order has ended; the ledger says so.

        The caller has locked the act and knows that it may.

        :param str kind: of the ledger's rows: ``cancel``, or ``reverse`` once it was settled
        :param str state: what the act becomes
        :param str reason: kept in the ledger
        :param at: UTC datetime of the rows
        :return: how many vouchers were given back
        """
        # The end of an order that is under way is waited for: it decides what its vouchers become. This transaction is
        # then played again, which is no error.
        self.env.cr.execute(
            SQL(
                """SELECT id FROM aptic_order
                    WHERE id IN (SELECT order_id FROM aptic_voucher WHERE redemption_id = %s)
                 ORDER BY id FOR SHARE""",
                self.id,
            ),
            log_exceptions=False,
        )
        rows = self.env.execute_query_dict(
            SQL(
                """UPDATE aptic_voucher v
                      SET redemption_id = NULL,
                          state = CASE WHEN o.state IN ('expired', 'closed') THEN 'expired' ELSE 'active' END
                     FROM aptic_order o
                    WHERE o.id = v.order_id AND v.redemption_id = %s AND v.state = 'redeemed'
                RETURNING v.id, v.serial, v.state, v.order_id, o.face_value_cents, o.last_day""",
                self.id,
            )
        )
        self.env.cr.execute(SQL("UPDATE aptic_redemption SET state = %s, is_held = NULL WHERE id = %s", state, self.id))
        self.env.invalidate_all()
        vouchers = [
            acts.Voucher(
                row["id"], row["serial"], row["state"], row["order_id"], row["face_value_cents"], row["last_day"]
            )
            for row in sorted(rows, key=lambda row: row["serial"])
        ]
        ledger = self._prepare_ledger_rows(kind, self.id, vouchers, at, self.env.uid, reason)
        dead = [voucher for voucher in vouchers if voucher.state == "expired"]
        ledger += self._prepare_ledger_rows("expire", self.id, dead, at, self.env.uid, reason)
        self.env["aptic.event"].sudo()._append(ledger)
        self._after_return()
        return len(vouchers)

    def _after_return(self):
        """Hook for what follows when vouchers come back, by a cancellation or a reversal, in its transaction."""

    def _after_cancel(self):
        """Hook for what follows from a cancelled act, in its transaction: when it fails, nothing is cancelled."""
