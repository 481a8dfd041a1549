from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from .. import clock, funding


class ApticOrder(models.Model):
    """Activation: vouchers become money, booklet by booklet, as far as the bank has received it and no further.

    An order is *active* from its first active booklet on; ``activated_cents`` under ``face_cents`` says that others
    still wait for their money.
    """

    _inherit = "aptic.order"

    activable_count = fields.Integer(
        string="Vouchers to activate",
        compute="_compute_activable_count",
        store=True,
        help="Vouchers, in whole booklets, for which the money is there and that are not active yet.",
    )
    activated_count = fields.Integer(string="Activated", compute="_compute_activated_count")
    is_partly_active = fields.Boolean(
        compute="_compute_activated_count", help="Some booklets circulate, others wait for their money."
    )

    _guarded_fields = frozenset({"activable_count"})

    @api.depends("state", "funded_cents", "activated_cents", "quantity", "face_value_cents", "booklet_size")
    def _compute_activable_count(self):
        for order in self:
            order.activable_count = (
                funding.activable(
                    order.funded_cents,
                    order.activated_cents,
                    order.face_value_cents,
                    order.booklet_size,
                    order.quantity,
                )
                if order.state in ("delivered", "active")
                else 0
            )

    @api.depends("state", "activated_cents", "face_value_cents", "face_cents")
    def _compute_activated_count(self):
        for order in self:
            order.activated_count = order.activated_cents // order.face_value_cents if order.face_value_cents else 0
            order.is_partly_active = order.state == "active" and order.activated_cents < order.face_cents

    # ------------------------------------------------------------------- verb
    def _activate(self):
        """Give vouchers their value: as many whole booklets as the bank has received money for, in serial order.

        It is called again as more money arrives; each act writes one row of the ledger. Without new money an order
        that is active already is left alone.

        :return: the number of vouchers that became active
        :raise UserError: when not one booklet of a delivered order is funded (the message says how much is missing),
            or when the vouchers would no longer be accepted
        :raise LockError: when another transaction holds an order
        """
        begun = self._set_state(("delivered",), "active")
        again = self - begun
        again.lock_for_update(allow_referencing=True)  # scans, whose ledger rows point at the order, go on
        again.invalidate_recordset(["state", "activated_cents", "funded_cents", "received_cents", "activable_count"])
        total = 0
        for order in self.sudo():
            order._update_funding()
            count = order._activate_booklets()
            if not count and order in begun:
                raise UserError(order._missing_funds_message())
            total += count
        return total

    def _activate_booklets(self):
        """Activate what is funded of one locked order; return the number of vouchers.

        Booklets in the order of their serials, as long as what is unspent of each is funded whole: some are smaller,
        where others were blocked or replaced before.
        """
        self.ensure_one()
        funded = funding.vouchers_funded(self.funded_cents, self.activated_cents, self.face_value_cents, self.quantity)
        if not funded:
            return 0
        if clock.today() > self._last_accepted_day():
            raise UserError(
                self.env._(
                    "The vouchers of %(name)s are no longer accepted since %(day)s: extend the order first.",
                    name=self.display_name, day=format_date(self.env, self._last_accepted_day()),
                )
            )  # fmt: skip
        self.env["aptic.voucher"].flush_model(["state", "order_id"])
        [(count, first, last)] = self.env.execute_query(
            SQL(
                """
                WITH waiting AS (
                    SELECT booklet.id, SUM(found.size) OVER (ORDER BY booklet.serial) AS total
                      FROM (SELECT booklet_id, count(*) AS size FROM aptic_voucher
                             WHERE order_id = %(order)s AND state = 'printed' GROUP BY booklet_id) AS found
                      JOIN aptic_booklet AS booklet ON booklet.id = found.booklet_id
                ), booklet AS (
                    SELECT id FROM waiting WHERE total <= %(funded)s
                ), voucher AS (
                    UPDATE aptic_voucher SET state = 'active'
                      FROM booklet
                     WHERE booklet_id = booklet.id AND state = 'printed'
                 RETURNING serial
                )
                SELECT count(*), min(serial), max(serial) FROM voucher
                """,
                order=self.id,
                funded=funded,
            )
        )
        self.env["aptic.voucher"].invalidate_model(["state"])
        if count:
            self._guarded_write({"activated_cents": self.activated_cents + count * self.face_value_cents})
            self._append_event("activate", count, serial_from=first, serial_to=last)
        return count

    def action_activate(self):
        """Button of the back office."""
        self._check_staff()
        if not self._activate() and any(order.is_partly_active for order in self):
            raise UserError(self[:1].sudo()._missing_funds_message())

    # ------------------------------------------------------------------ words
    def _missing_funds_message(self):
        self.ensure_one()
        if self.activable_count:
            return self.env._(
                "%(name)s is paid for %(count)s more vouchers, but none waits for its value: those that are left were"
                " blocked before. Replace them, or let another person unblock them; then activate again.",
                name=self.display_name,
                count=self.activable_count,
            )
        booklet = self.booklet_size * self.face_value_cents
        return self.env._(
            "No booklet of %(name)s can be activated now: the bank has received %(received)s of %(face)s, and"
            " %(missing)s are missing for the next booklet of %(booklet)s. Import the bank's file and reconcile it with"
            " %(document)s.",
            name=self.display_name,
            received=self._euros(self.received_cents),
            face=self._euros(self.face_cents),
            missing=self._euros(max(0, self.activated_cents + booklet - self.received_cents)),
            booklet=self._euros(booklet),
            document=self.face_move_id.name or self.env._("the face value document"),
        )
