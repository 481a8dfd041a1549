import logging
import tempfile

from odoo import fields, models
from odoo.addons.aptic_base.texts import one_line
from odoo.exceptions import UserError
from odoo.tools import SQL

from .. import clock, printer_file, sheet
from ..days import paris_day
from .aptic_blocking import CIRCULATING, STAFF
from .aptic_printing import KINDS

_logger = logging.getLogger(__name__)

FREE, MINE = "free", "mine"


class ApticOrder(models.Model):
    """From issued vouchers to paper: once, by ranges, in three formats; nothing of it is kept."""

    _inherit = "aptic.order"

    printing_ids = fields.One2many("aptic.printing", "order_id", groups="aptic_base.group_aptic_user")

    # ------------------------------------------------------------------ verbs
    def _print(self, kind="sheets", first=None, last=None, reason=None):
        """Draw booklets that were not printed yet, and write it in the ledger, one row for each range of serials.

        A booklet is drawn once. On the same day, with a reason, the person who printed it may draw it again byte for
        byte as long as it is not activated: a printer that jams makes no new voucher. All else is :meth:`_reprint`.
        Booklets of which a voucher is spent, blocked or replaced are left out.

        :param str kind: ``sheets`` (A4), ``singles`` (one voucher a page) or ``data`` (a printer's CSV and checksum)
        :param int first: serial of the first booklet; default the order's first
        :param int last: serial of the last booklet, or of a voucher of it; default the order's last
        :param str reason: why the same booklets are drawn again
        :return: an unnamed temporary file, gone when it is closed: codes are kept nowhere
        :raise UserError: when nothing can be printed; the message says why and what to do
        """
        self.ensure_one()
        if kind not in dict(KINDS):
            raise UserError(self.env._("Choose a format."))
        which, ranges = self._to_print(first, last, reason)
        if which == FREE:
            self._note_printing(kind, ranges)
        file = self._drawn(kind, ranges)
        self._append_printing(kind, ranges, reason)
        return file

    def _reprint(self, first, last, reason):
        """Replace printed booklets by new ones, to be printed: new serials and codes, the old ones dead for good.

        :param int first: serial of the first booklet, or of a voucher of it
        :param int last: the same of the last one
        :param str reason: why
        :return: the new booklets
        :raise AccessError: when the user is not staff
        :raise UserError: without a reason, or when there is nothing to replace
        """
        self.ensure_one()
        self._check_any_group(STAFF)
        self._check_printable()
        if self._ranges(FREE, first, last):
            raise UserError(self.env._("A part of these booklets was never printed: print it first, or choose others."))
        blockings = self.env["aptic.blocking"]._block(first, last, "reprint", reason, order=self)
        return blockings._replace()

    # ------------------------------------------------------------------ files
    def _drawn(self, kind, ranges):
        """The file of ranges ``(first, last, vouchers)`` in a format."""
        self.ensure_one()
        booklets = self.env["aptic.booklet"]._iter_ranges(self, ranges)
        model = self._prepare_sheet()

        def draw(file):
            if kind == "data":
                name = self.name.replace("/", "-")
                return printer_file.write(file, name, booklets, model.face_cents, model.last_day, model.check)
            return (sheet.write if kind == "sheets" else sheet.write_singles)(file, model, booklets)

        return self._temporary(draw)

    def _temporary(self, draw):
        file = tempfile.TemporaryFile(prefix="aptic-")  # noqa: SIM115 (closed by who reads it)
        try:
            draw(file)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file

    # ----------------------------------------------------------------- ranges
    def _check_printable(self):
        if self.state not in CIRCULATING:
            raise UserError(
                self.env._(
                    "%(name)s has no sheets to print: its vouchers are not issued, or no longer valid.",
                    name=self.display_name,
                )
            )

    def _to_print(self, first=None, last=None, reason=None):
        """What :meth:`_print` would draw: ``(which, ranges)`` of :meth:`_ranges`, or the refusal."""
        self._check_printable()
        for which in (FREE, MINE):
            ranges = self._ranges(which, first, last)
            if ranges:
                if which == MINE:
                    self.env["aptic.blocking"]._check_reason(reason)
                return which, ranges
        raise UserError(self._nothing_to_print(first, last))

    def _ranges(self, which, first=None, last=None):
        """Runs of booklets without a gap, all of whose vouchers can still be paid with.

        :param str which: ``free``: never printed; ``mine``: printed today by the current user and not yet activated
        :return: ``[(first serial, last serial, vouchers)]``
        """
        self.env["aptic.voucher"].flush_model()
        printing = SQL(
            """SELECT FROM aptic_printing p
                WHERE int4range(p.serial_from, p.serial_to, '[]') @> b.serial
                  AND (%s OR p.user_id = %s AND p.day = %s)""",
            which == FREE, self.env.uid, paris_day(clock.now()),
        )  # fmt: skip
        return self.env.execute_query(
            SQL(
                """WITH whole AS (
                       SELECT b.serial, b.size, b.serial + b.size AS next FROM aptic_booklet b
                        WHERE b.order_id = %(order)s AND b.serial <= %(last)s AND b.serial + b.size > %(first)s
                          AND NOT EXISTS (SELECT FROM aptic_voucher v
                                           WHERE v.booklet_id = b.id AND v.state != ALL(%(alive)s))
                          AND %(never)s EXISTS (%(printing)s)
                   ), marked AS (
                       SELECT *, (lag(next) OVER (ORDER BY serial) IS DISTINCT FROM serial)::int AS begins FROM whole
                   ), runs AS (
                       SELECT *, sum(begins) OVER (ORDER BY serial) AS run FROM marked
                   )
                   SELECT min(serial), max(next) - 1, sum(size)::int FROM runs GROUP BY run ORDER BY 1""",
                order=self.id,
                first=first or 0,
                last=2**31 - 1 if last is None else last,
                alive=["printed", "active"] if which == FREE else ["printed"],
                never=SQL("NOT") if which == FREE else SQL(),
                printing=printing,
            )
        )

    def _nothing_to_print(self, first, last):
        [(printed,)] = self.env.execute_query(
            SQL(
                """SELECT EXISTS (SELECT FROM aptic_printing
                                   WHERE order_id = %s AND serial_from <= %s AND serial_to >= %s)""",
                self.id,
                2**31 - 1 if last is None else last,
                first or 0,
            )
        )
        if printed:
            return self.env._(
                "These booklets were printed already. To print them again, give a reason: they get new numbers, and the"
                " old ones are never accepted again."
            )
        return self.env._("There is no booklet to print here: check the numbers.")

    # ----------------------------------------------------------------- traces
    def _note_printing(self, kind, ranges):
        """Take the ranges, once; another printing of them at the same moment ends first, and this one is refused."""
        now = clock.now()
        self.env.cr.execute(
            SQL(
                """INSERT INTO aptic_printing (order_id, kind, serial_from, serial_to, quantity, user_id, at, day)
                   VALUES %s ON CONFLICT DO NOTHING""",
                SQL(", ").join(
                    (self.id, kind, first, last, quantity, self.env.uid, now, paris_day(now))
                    for first, last, quantity in ranges
                ),
            ),
            log_exceptions=False,
        )
        if self.env.cr.rowcount != len(ranges):
            raise UserError(self.env._("Another person has just printed these booklets."))
        self.env["aptic.printing"].invalidate_model()
        self.invalidate_recordset(["printing_ids"])

    def _append_printing(self, kind, ranges, reason=None):
        label = dict(self.env["aptic.printing"]._fields["kind"]._description_selection(self.env))[kind]
        self.env["aptic.event"].sudo()._append(
            [
                {
                    "kind": "print",
                    "order_id": self.id,
                    "serial_from": first,
                    "serial_to": last,
                    "quantity": quantity,
                    "amount_cents": quantity * self.face_value_cents,
                    "reason": f"{label} – {one_line(reason)}" if reason else label,
                }
                for first, last, quantity in ranges
            ]
        )
        count = sum(quantity for _first, _last, quantity in ranges)
        _logger.info("%s %s: sheets of %s vouchers drawn by user %s", self._name, self.id, count, self.env.uid)

    # ---------------------------------------------------------------- buttons
    def action_print(self):
        """Button of the back office: download the sheets that were not printed yet."""
        self.ensure_one()
        self.check_access("read")
        self._to_print()
        return {"type": "ir.actions.act_url", "url": f"/aptic/order/{self.id}/sheets", "target": "download"}

    def action_print_some(self):
        """Button of the back office: other formats, a part of the booklets, or printing again."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("aptic_voucher.aptic_print_action")
        return {**action, "context": {"default_order_id": self.id}}

    def action_open_printings(self):
        """Smart button: what was printed, when and by whom."""
        return self._open_list("aptic.printing", self.env._("Printings"))


def file_name(order, kind):
    """The name under which a printed file of an order is downloaded."""
    return f"{order.name.replace('/', '-')}{'.zip' if kind == 'data' else '.pdf'}"
