from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .. import clock, lots, lots_pdf
from ..codes import serial_digits
from ..days import paris_day
from .aptic_blocking import CIRCULATING
from .aptic_distribution_part import booklets_in

FRAMING = frozenset({"order_id", "distributor_id", "booklet_count", "serial_from", "serial_to"})


class ApticDistribution(models.Model):
    """A lot: whole booklets of one order, in one range of serials, for one distributor."""

    _name = "aptic.distribution"
    _description = "Lot of booklets"
    _inherit = ["aptic.guarded.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    name = fields.Char(string="Reference", required=True, readonly=True, copy=False, default="/")
    order_id = fields.Many2one("aptic.order", required=True, index=True, ondelete="restrict")
    distributor_id = fields.Many2one("aptic.distributor", required=True, index=True, ondelete="restrict")
    booklet_count = fields.Integer(string="Booklets", required=True, default=1, aggregator="sum")
    serial_from = fields.Integer(
        string="First serial", copy=False, aggregator=None,
        help="Serial of the first booklet; empty: the first booklets of the order that are in no lot.",
    )  # fmt: skip
    serial_to = fields.Integer(string="Last serial", readonly=True, copy=False, aggregator=None)
    quantity = fields.Integer(string="Vouchers", compute="_compute_quantity", store=True)
    booklet_size = fields.Integer(
        string="Vouchers in a booklet", readonly=True, copy=False, aggregator=None,
        help="0: booklets of several sizes, such as those that replace lost ones.",
    )  # fmt: skip
    state = fields.Selection(
        [("prepared", "Prepared"), ("sent", "Sent"), ("received", "Received"), ("cancelled", "Taken back")],
        string="Status", required=True, readonly=True, default="prepared", copy=False, index=True, tracking=True,
    )  # fmt: skip
    sent_at = fields.Datetime(string="Sent on", readonly=True, copy=False)
    received_at = fields.Datetime(string="Received on", readonly=True, copy=False)
    received_by_id = fields.Many2one("res.users", string="Received by", readonly=True, copy=False, ondelete="restrict")
    note = fields.Char(string="Note on the delivery note", size=200)
    part_ids = fields.One2many("aptic.distribution.part", "distribution_id", readonly=True)
    event_ids = fields.One2many("aptic.event", "distribution_id", string="Ledger", readonly=True)

    _guarded_fields = frozenset(
        {"state", "name", "serial_to", "booklet_size", "sent_at", "received_at", "received_by_id"}
    )

    _some_booklets = models.Constraint("CHECK(booklet_count > 0)", "A lot has one booklet at least.")

    @api.depends("serial_from", "serial_to")
    def _compute_quantity(self):
        for lot in self:
            lot.quantity = lot.serial_to - lot.serial_from + 1 if lot.serial_to else 0

    # ------------------------------------------------------------------- make
    @api.model_create_multi
    def create(self, vals_list):
        """Name the lots and set their booklets aside.

        :raise UserError: when the order has no such booklets, they are in another lot, or the order's rules of
            distribution forbid it
        """
        lots_made = super().create(vals_list)
        for lot in lots_made:
            lot._set_aside()
        return lots_made

    def _set_aside(self):
        """Find the lot's booklets and put them into it."""
        self.ensure_one()
        order = self.order_id.sudo()
        if order.state not in CIRCULATING:
            raise UserError(
                self.env._("The booklets of %(order)s are not printed, or no longer valid.", order=order.display_name)
            )
        order._one_lot_at_a_time()
        first, last, size = order._booklets_for_a_lot(self.booklet_count, self.serial_from)
        self._check_rules_of_distribution()
        name = self.name if self.name != "/" else self.env["ir.sequence"].sudo().next_by_code(self._name)
        self._guarded_write({"name": name, "serial_from": first, "serial_to": last, "booklet_size": size})
        self._set_parts([lots.Part(first, last, "held")])

    def _check_rules_of_distribution(self):
        """Refuse a lot that the order's rules of distribution do not permit."""
        rules = self.order_id.sudo().allotment_ids
        distributor = self.distributor_id.sudo()
        mine = rules.filtered(lambda rule: rule._covers(distributor))
        if rules and not mine:
            raise UserError(
                self.env._(
                    "The rules of %(order)s do not let %(name)s hand its booklets out.",
                    order=self.order_id.display_name, name=distributor.name,
                )
            )  # fmt: skip
        rooms = [rule._room() for rule in mine]
        if rooms and None not in rooms and max(rooms) < self.booklet_count:
            raise UserError(
                self.env._(
                    "The rules of %(order)s leave %(room)s booklets for %(name)s.",
                    order=self.order_id.display_name, room=max(rooms), name=distributor.name,
                )
            )  # fmt: skip

    def write(self, vals):
        """Refuse to change what a lot is made of: cancel it and make another one."""
        if FRAMING & vals.keys() and self.filtered("part_ids") and "serial_to" not in vals:
            raise UserError(self.env._("The booklets of a lot do not change: cancel it and make another one."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A lot is not deleted: cancel it."))

    def _set_parts(self, parts):
        """Note where the lot's booklets are now (see :mod:`..lots`); only what differs is written.

        Of two acts at once on one lot, the second is played again by Odoo, on what the first has left.
        """
        self.ensure_one()
        wanted = SQL(
            "SELECT * FROM unnest(%s::int[], %s::int[], %s::varchar[]) AS wanted (serial_from, serial_to, place)",
            [part.first for part in parts], [part.last for part in parts], [part.place for part in parts],
        )  # fmt: skip
        self.env.cr.execute(
            SQL(
                """DELETE FROM aptic_distribution_part
                    WHERE distribution_id = %s AND (serial_from, serial_to, place) NOT IN (%s)""",
                self.id, wanted,
            ),
            log_exceptions=False,
        )  # fmt: skip
        self.env.cr.execute(
            SQL(
                """INSERT INTO aptic_distribution_part (distribution_id, serial_from, serial_to, place)
                   SELECT %s, * FROM (%s EXCEPT SELECT serial_from, serial_to, place FROM aptic_distribution_part
                                                  WHERE distribution_id = %s) AS fresh""",
                self.id, wanted, self.id,
            ),
            log_exceptions=False,
        )  # fmt: skip
        self.env["aptic.distribution.part"].invalidate_model()
        self.invalidate_recordset(["part_ids"])

    def _held_counts(self):
        """Booklets that are still in each lot: dict from id to a number."""
        counts = dict.fromkeys(self.ids, 0)
        rows = self.env.execute_query(
            SQL(
                """SELECT lot.id, SUM(%s)
                     FROM aptic_distribution AS lot
                     JOIN aptic_distribution_part AS part ON part.distribution_id = lot.id AND part.place = 'held'
                    WHERE lot.id = ANY(%s) GROUP BY lot.id""",
                booklets_in("lot", "part"),
                self.ids,
            )
        )
        return counts | {lot_id: int(count) for lot_id, count in rows}

    def _count_booklets(self, first, last):
        """How many booklets the serials from ``first`` to ``last`` of the lot are."""
        self.ensure_one()
        if self.booklet_size:
            return (last - first + 1) // self.booklet_size
        [(count,)] = self.env.execute_query(
            SQL("SELECT count(*) FROM aptic_booklet WHERE serial BETWEEN %s AND %s", first, last)
        )
        return count

    def _append_acts(self, kind, first=None, last=None, reason=None):
        """Write one row of the ledger for each lot, for a range of it or for all of it."""
        rows = []
        for lot in self:
            start, end = first or lot.serial_from, last or lot.serial_to
            rows.append(
                {
                    "kind": kind,
                    "order_id": lot.order_id.id,
                    "distribution_id": lot.id,
                    "serial_from": start,
                    "serial_to": end,
                    "quantity": end - start + 1,
                    "amount_cents": (end - start + 1) * lot.order_id.sudo().face_value_cents,
                    "reason": reason,
                }
            )
        return self.env["aptic.event"].sudo()._append(rows)

    # ------------------------------------------------------------------- send
    def _send(self):
        """The lots leave for their distributors, who are told.

        :raise UserError: when a booklet was blocked or replaced meanwhile
        """
        for lot in self:
            lot._check_none_is_blocked(
                self.env._("Take %(name)s back, and make other lots: blocked booklets are left out.", name=lot.name)
            )
        moved = self._set_state(("prepared",), "sent")
        if moved:
            moved._guarded_write({"sent_at": clock.now()})
            moved._append_acts("send")
        for lot in moved:
            lot._tell_distributor()
        return moved

    def _tell_distributor(self):
        self.ensure_one()
        words = self._words_of_distributor()
        self._write_to_managers(
            words._("Booklets are on their way to you"),
            words._(
                "%(count)s booklets are on their way to you (%(name)s). When they are there, acknowledge them in your"
                " space, #APTIC → Booklets: scan the first voucher of the first booklet and the last voucher of the"
                " last one.",
                count=self.booklet_count,
                name=self.name,
            ),
        )

    def _tell_of_blocking(self, blockings):
        """Say to the distributor which booklets of the lot are not to be handed out.

        :param blockings: of one range of serials
        """
        self.ensure_one()
        words = self._words_of_distributor()
        causes = dict(blockings._fields["cause"]._description_selection(words))
        self._write_to_managers(
            words._("Booklets not to be handed out"),
            words._(
                "In your lot %(name)s, the vouchers from %(first)s to %(last)s are blocked (%(cause)s): nobody can use"
                " them. Do not hand these booklets out: return them.",
                name=self.name,
                first=serial_digits(max(self.serial_from, blockings[0].serial_from)),
                last=serial_digits(min(self.serial_to, blockings[0].serial_to)),
                cause=causes[blockings[0].cause],
            ),
        )

    def _words_of_distributor(self):
        """An environment in the language in which the distributor reads."""
        return self.with_context(lang=self.distributor_id.sudo().lang or self.env.lang).env

    def _write_to_managers(self, subject, body):
        """Write on the distributor's thread, and to its managers."""
        distributor = self.distributor_id.sudo()
        managers = distributor.member_ids.filtered(lambda member: member.active and member.role == "manager")
        self.order_id._write_to(distributor, managers, subject, body)

    def _take_back(self):
        """Give up lots that were not acknowledged: their booklets are in no lot again."""
        sent = self.filtered(lambda lot: lot.state == "sent")
        moved = self._set_state(("prepared", "sent"), "cancelled")
        (moved & sent)._append_acts("recall")
        for lot in moved:
            lot._set_parts([])
        return moved

    # ------------------------------------------------------------------ papers
    def _note_pdf(self):
        """Return the delivery note (bytes of a PDF, in French as all papers)."""
        self.ensure_one()
        order, distributor = self.order_id.sudo(), self.distributor_id.sudo()
        company = order.company_id
        return lots_pdf.delivery_note(
            lots_pdf.Note(
                name=self.name,
                day=paris_day(self.sent_at or clock.now()),
                sender=[company.name, *(company.partner_id._display_address(without_company=True) or "").split("\n")],
                recipient=[distributor.name, *(distributor.partner_id._display_address(True) or "").split("\n")],
                order=order.name,
                sponsor=order.sponsor_id.name,
                booklets=self.booklet_count,
                size=self.booklet_size,
                vouchers=self.quantity,
                first=serial_digits(self.serial_from),
                last=serial_digits(self.serial_to),
                last_day=order.last_day,
                face_cents=order.face_value_cents,
                note=self.note or "",
            )
        )

    # ---------------------------------------------------------------- buttons
    def action_send(self):
        """Button of the back office."""
        self._check_any_group(("aptic_base.group_aptic_user",))
        self._send()

    def action_take_back(self):
        """Button of the back office."""
        self._check_any_group(("aptic_base.group_aptic_user",))
        self._take_back()

    def action_note(self):
        """Button of the back office: download the delivery note."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/aptic/lots/{self.id}/note", "target": "download"}
