from odoo import fields, models
from odoo.addons.aptic_base.texts import one_line
from odoo.exceptions import UserError
from odoo.tools import format_date

from .. import clock
from .aptic_order_expiry import NOTHING

EXTENDABLE = ("confirmed", "proofed", "printed", "delivered", "active", "expired")
LONGEST_REASON = 300  # characters


class ApticOrder(models.Model):
    """Extensions: a later last day, before or after the present one, one order or many; each leaves its trace."""

    _inherit = "aptic.order"

    extension_ids = fields.One2many("aptic.extension", "order_id", readonly=True)

    def _check_not_frozen(self, names):
        """The last valid day may become later, by ``_extend`` only."""
        if names == {"last_day"} and self._guard_is_open():
            return None
        return super()._check_not_frozen(names)

    # ------------------------------------------------------------------- verb
    def _extend(self, day, reason):
        """Give the orders a later last valid day; all of them or none.

        Vouchers that had expired meanwhile are valid again, as long as nothing of the order was returned.

        :param date day: the new last valid day, inclusive
        :param str reason: why, in a person's words; told to the sponsor
        :return: the ``aptic.extension`` records
        :raise UserError: without a reason, for a day that is no extension, and for an order that is a draft or over
        :raise LockError: when another transaction holds an order
        """
        reason = one_line(reason, LONGEST_REASON)
        if not reason:
            raise UserError(self.env._("Say why these vouchers are valid longer: the sponsor reads it."))
        if not day or day <= clock.today():
            raise UserError(self.env._("The new last valid day must be in the future."))
        if day > fields.Date.add(clock.today(), years=10):
            raise UserError(self.env._("The new last valid day is more than ten years away."))
        self.lock_for_update(allow_referencing=True)
        self.invalidate_recordset(["state", "last_day"])
        for order in self:
            order._check_extendable(day)
        rows = []
        for order in self.sudo():
            before = order.last_day
            order._guarded_write({"last_day": day, "reminded_days": -1})
            order._append_event("extend", reason=f"{before} → {day}: {reason}")
            count, cents = order._revive(reason) if order.state == "expired" else NOTHING
            rows.append(
                {
                    "order_id": order.id,
                    "from_day": before,
                    "to_day": day,
                    "reason": reason,
                    "at": clock.now(),
                    "user_id": self.env.uid,
                    "revived_count": count,
                    "revived_cents": cents,
                }
            )
        extensions = self.env["aptic.extension"].sudo()._guarded_create(rows)
        for extension in extensions:
            extension.order_id._tell_of_extension(extension)
        return extensions.sudo(False)

    def _check_extendable(self, day):
        self.ensure_one()
        if self.state not in EXTENDABLE:
            raise UserError(
                self.env._(
                    "%(name)s is “%(state)s” and cannot be extended.",
                    name=self.display_name,
                    state=dict(self._fields["state"]._description_selection(self.env))[self.state],
                )
            )
        if day <= self.last_day:
            raise UserError(
                self.env._(
                    "The vouchers of %(name)s are valid until %(day)s already: choose a later day.",
                    name=self.display_name,
                    day=format_date(self.env, self.last_day),
                )
            )

    def _revive(self, reason):
        """Take an expired order's vouchers again, but for those that are blocked; return how many, and their cents."""
        self.ensure_one()
        self._set_state(("expired",), "active")
        count = self._move_vouchers(("expired",), "active")
        if count:
            self._append_event("revive", count, reason=reason)
        return count, count * self.face_value_cents

    # ------------------------------------------------------------------ words
    def _tell_of_extension(self, extension):
        """Write the new day to the sponsor and to the distributors."""
        self.ensure_one()

        def words(env):
            day = format_date(env, extension.to_day)
            told = env._("The vouchers of order %(name)s are valid longer: until %(day)s included.",
                         name=self.name, day=day)  # fmt: skip
            if extension.revived_count:
                told += " " + env._("%(count)s vouchers that had expired are taken again.",
                                    count=extension.revived_count)  # fmt: skip
            return (
                env._("Order %(name)s: valid until %(day)s", name=self.name, day=day),
                told + " " + env._("Reason: %s", extension.reason),
            )

        self._announce_to_sponsor(words)
        if self.state in ("delivered", "active"):
            self._announce_to_distributors(lambda env, _stock: words(env))
