from odoo import api, models
from odoo.addons.aptic_base.texts import one_line
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from .. import clock, codes, lots

NEEDS_REASON = ("lose",)
LONGEST_REASON = 200
CAUSES_OF_LOSS = ("lost", "stolen", "damaged")


class ApticDistribution(models.Model):
    """What a distributor does with a lot: acknowledge it, hand booklets out, return or lose them."""

    _inherit = "aptic.distribution"

    # ----------------------------------------------------------------- reading
    @api.model
    def _read_booklet(self, text):
        """The first and the last serial of the booklet of which a voucher was scanned or a serial typed.

        :param str text: a serial (10 digits at most), or a whole code, of which the serial counts
        :raise UserError: when it is neither, or no booklet has it
        """
        serial = self.env["aptic.voucher"]._read_serial(text)
        found = self.env.execute_query(
            SQL("SELECT serial, size FROM aptic_booklet WHERE serial <= %s ORDER BY serial DESC LIMIT 1", serial)
        )
        if not found or serial >= sum(found[0]):
            raise UserError(self.env._("No booklet has the serial %(serial)s.", serial=codes.serial_digits(serial)))
        return found[0][0], sum(found[0]) - 1

    @api.model
    def _read_range(self, first_text, last_text=None):
        """The serials from the first booklet to the last one, as scanned or typed; one booklet when there is no last.

        :raise UserError: as :meth:`_read_booklet`, and when the last one comes before the first
        """
        first, last = self._read_booklet(first_text)
        if (last_text or "").strip():
            last = self._read_booklet(last_text)[1]
        if last < first:
            raise UserError(self.env._("The last booklet comes before the first one: scan them again, in order."))
        return first, last

    # ----------------------------------------------------------------- receive
    def _receive(self, first_text, last_text):
        """The distributor has the lot in hand: it scans the first and the last booklet.

        :raise UserError: when they are not those of the lot
        """
        self.ensure_one()
        if self.state == "received":
            return
        if self.state != "sent":
            raise UserError(self.env._("%(name)s is not on its way to you.", name=self.name))
        first, last = self._read_booklet(first_text), self._read_booklet(last_text)
        if first[0] != self.serial_from:
            raise UserError(
                self.env._(
                    "The first booklet of %(name)s should be %(expected)s, but you scanned %(given)s. Look whether the"
                    " parcel is complete and in order; if a booklet is missing, write to the #APTIC team and do not"
                    " acknowledge the lot.",
                    name=self.name, expected=codes.serial_digits(self.serial_from),
                    given=codes.serial_digits(first[0]),
                )
            )  # fmt: skip
        if last[1] != self.serial_to:
            raise UserError(
                self.env._(
                    "The last booklet of %(name)s should be %(expected)s, but you scanned %(given)s. Look whether the"
                    " parcel is complete and in order; if a booklet is missing, write to the #APTIC team and do not"
                    " acknowledge the lot.",
                    name=self.name, expected=codes.serial_digits(self._read_booklet(self.serial_to)[0]),
                    given=codes.serial_digits(last[0]),
                )
            )  # fmt: skip
        self._check_none_is_blocked(
            self.env._("Do not acknowledge %(name)s: write to the #APTIC team, which makes another.", name=self.name)
        )
        moved = self._set_state(("sent",), "received")
        if moved:
            moved._guarded_write({"received_at": clock.now(), "received_by_id": self.env.uid})
            moved._append_acts("receive")

    # -------------------------------------------------------------------- move
    def _move(self, act, first, last, reason=None, cause=None):
        """Move booklets of the lot from one place to another, with one row of the ledger.

        A loss blocks the vouchers in the same transaction (``aptic.blocking._block_lost``).

        :param str act: ``inject``, ``restore``, ``return``, ``lose`` or ``find`` (:data:`..lots.MOVES`)
        :param int first: first serial of the first booklet
        :param int last: last serial of the last booklet
        :param str reason: needed for a loss
        :param str cause: of a loss: one of :data:`CAUSES_OF_LOSS`, default lost
        :return: the id of the row
        :raise UserError: when a booklet is not where it should be, or may not be handed out now
        """
        self.ensure_one()
        reason = one_line(reason, LONGEST_REASON) or None
        if act in NEEDS_REASON and not reason:
            raise UserError(self.env._("Say in a few words what happened."))
        if act == "lose":
            if cause and cause not in CAUSES_OF_LOSS:
                raise UserError(self.env._("Choose what happened: lost, stolen or damaged."))
            self.env["aptic.blocking"]._lock_for_loss(self.order_id.sudo())  # the order before the lot, as all do
        self._lock_or_retry()
        if self.state != "received":
            raise UserError(self.env._("Acknowledge %(name)s first: scan its first and last booklet.", name=self.name))
        parts = [lots.Part(part.serial_from, part.serial_to, part.place) for part in self.part_ids]
        try:
            parts = lots.moved(parts, first, last, *lots.MOVES[act])
        except lots.NotThere as error:
            raise UserError(self._not_there(act, error)) from None
        if act == "inject":
            self._check_may_be_handed_out(first, last)
        elif act == "restore":
            self._check_not_started(first, last)
        self._set_parts(parts)
        [event_id] = self._append_acts(act, first, last, reason)
        if act == "lose":
            self.env["aptic.blocking"]._block_lost(self, first, last, cause or "lost", reason)
        return event_id

    @api.model
    def _find_again(self, ranges, reason):
        """Put lost booklets back into the stock of the lots that they were lost from.

        :param ranges: serials ``(first, last)`` of whole booklets, wherever they are
        """
        if not ranges:
            return
        rows = self.env.execute_query(
            SQL(
                """SELECT part.distribution_id, GREATEST(part.serial_from, known.low), LEAST(part.serial_to, known.high)
                     FROM (VALUES %s) AS known (low, high)
                     JOIN aptic_distribution_part AS part
                       ON part.place = 'lost' AND int4range(part.serial_from, part.serial_to, '[]')
                          && int4range(known.low, known.high, '[]')
                 ORDER BY 2""",
                SQL(", ").join(ranges),
            )
        )
        for lot_id, first, last in rows:
            self.sudo().browse(lot_id)._move("find", first, last, reason)

    def _not_there(self, act, error):
        serial = codes.serial_digits(error.serial)
        if not error.place:
            return self.env._("Booklet %(serial)s is not in %(name)s.", serial=serial, name=self.name)
        if act == "restore":
            return self.env._("Booklet %(serial)s was not handed out.", serial=serial)
        if act == "find":
            return self.env._("Booklet %(serial)s is not lost.", serial=serial)
        return {
            "handed": lambda: self.env._("Booklet %(serial)s was handed out already.", serial=serial),
            "returned": lambda: self.env._("Booklet %(serial)s was returned: it is no longer yours.", serial=serial),
            "lost": lambda: self.env._("Booklet %(serial)s was declared lost.", serial=serial),
        }[error.place]()

    def _check_may_be_handed_out(self, first, last):
        """Refuse to give people what they could not use."""
        order = self.order_id.sudo()
        if order.state in ("printed", "delivered"):
            raise UserError(
                self.env._(
                    "The vouchers of %(order)s are not active yet: nobody could use them. Hand them out once they are.",
                    order=order.name,
                )
            )
        if order.state != "active" or clock.today() > order.last_day:
            raise UserError(
                self.env._(
                    "The vouchers of %(order)s were valid until %(day)s: return the booklets instead.",
                    order=order.name, day=format_date(self.env, order.last_day),
                )
            )  # fmt: skip
        self._check_none_is_blocked(self.env._("Do not hand it out: return it."), first, last)
        found = self.env.execute_query(
            SQL(
                "SELECT booklet.serial, voucher.state FROM aptic_voucher AS voucher"
                " JOIN aptic_booklet AS booklet ON booklet.id = voucher.booklet_id"
                " WHERE voucher.serial BETWEEN %s AND %s AND voucher.state <> 'active' ORDER BY voucher.serial LIMIT 1",
                first,
                last,
            )
        )
        if found:
            serial, state = codes.serial_digits(found[0][0]), found[0][1]
            if state == "redeemed":
                raise UserError(
                    self.env._(
                        "A voucher of booklet %(serial)s was used already: do not hand it out, and tell the #APTIC"
                        " team.",
                        serial=serial,
                    )
                )
            if state == "printed":
                raise UserError(
                    self.env._(
                        "Booklet %(serial)s is not active yet: the money for it has not come. Hand it out once it has.",
                        serial=serial,
                    )
                )
            raise UserError(
                self.env._(
                    "Booklet %(serial)s has vouchers that are not accepted: do not hand it out, return it.",
                    serial=serial,
                )
            )

    def _check_none_is_blocked(self, advice, first=None, last=None):
        """Refuse booklets of the lot whose vouchers were blocked or replaced.

        :param str advice: what the person does now
        :param int first: first serial; default the lot's
        :param int last: last serial
        """
        self.ensure_one()
        self.env["aptic.voucher"].flush_model()
        found = self.env.execute_query(
            SQL(
                """SELECT booklet.serial, voucher.state, blocking.cause
                     FROM aptic_blocking AS blocking
                     JOIN aptic_voucher AS voucher ON voucher.blocking_id = blocking.id
                     JOIN aptic_booklet AS booklet ON booklet.id = voucher.booklet_id
                    WHERE blocking.order_id = %s AND voucher.serial BETWEEN %s AND %s
                 ORDER BY voucher.serial LIMIT 1""",
                self.order_id.id, first or self.serial_from, last or self.serial_to,
            )
        )  # fmt: skip
        if not found:
            return
        [(serial, state, cause)] = found
        labels = dict(self.env["aptic.blocking"]._fields["cause"]._description_selection(self.env))
        said = {"serial": codes.serial_digits(serial), "cause": labels[cause], "advice": advice}
        if state == "replaced":
            raise UserError(self.env._("Booklet %(serial)s was replaced by a new one (%(cause)s). %(advice)s", **said))
        raise UserError(self.env._("Booklet %(serial)s is blocked (%(cause)s). %(advice)s", **said))

    def _check_not_started(self, first, last):
        found = self.env.execute_query(
            SQL(
                "SELECT serial FROM aptic_voucher WHERE serial BETWEEN %s AND %s AND redemption_id IS NOT NULL"
                " ORDER BY serial LIMIT 1",
                first,
                last,
            )
        )
        if found:
            raise UserError(
                self.env._(
                    "The person has used voucher %(serial)s already: the booklet stays handed out.",
                    serial=codes.serial_digits(found[0][0]),
                )
            )
