from odoo import api, fields, models
from odoo.addons.aptic_base.texts import one_line
from odoo.addons.aptic_base.write_once import protect
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .. import clock, codes

CIRCULATING = ("printed", "delivered", "active")  # orders whose vouchers are, or will be, worth something
BLOCKABLE = ("printed", "active")
LONGEST_REASON = 300
MOST = 1_000_000  # vouchers of one act
STAFF = ("aptic_base.group_aptic_user",)
SPONSOR_ROLES = ("manager",)


class ApticBlocking(models.Model):
    """Vouchers of one range of serials, blocked at once: why, by whom, and how it ended.

    It ends once: lifted by another person, replaced by new vouchers, or expired with the order. The vouchers point here
    while they are blocked, and for good when they were replaced or expired. Rows are filled in and never rewritten.
    """

    _name = "aptic.blocking"
    _description = "Blocked vouchers"
    _log_access = False
    _order = "id desc"

    order_id = fields.Many2one("aptic.order", required=True, index=True, ondelete="restrict", readonly=True)
    sponsor_id = fields.Many2one(related="order_id.sponsor_id")
    serial_from = fields.Integer(string="From serial", required=True, readonly=True, aggregator=None)
    serial_to = fields.Integer(string="To serial", required=True, readonly=True, aggregator=None)
    quantity = fields.Integer(
        string="Vouchers",
        required=True,
        readonly=True,
        help="Those of the range that were unspent: they alone are blocked.",
    )
    was = fields.Selection(
        [("printed", "Not yet activated"), ("active", "Active")],
        string="Before",
        required=True,
        readonly=True,
        help="What the vouchers were, and what those that replace them become.",
    )
    cause = fields.Selection(
        [
            ("lost", "Lost"),
            ("stolen", "Stolen"),
            ("damaged", "Damaged"),
            ("reprint", "Printed again"),
            ("other", "Other"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="Blocked by", required=True, ondelete="restrict", readonly=True)
    at = fields.Datetime(string="Blocked on", required=True, readonly=True)
    outcome = fields.Selection(
        [("lifted", "Unblocked"), ("replaced", "Replaced"), ("expired", "Expired")], readonly=True, index=True
    )
    ended_by_id = fields.Many2one("res.users", string="Ended by", ondelete="restrict", readonly=True)
    ended_at = fields.Datetime(string="Ended on", readonly=True)
    end_reason = fields.Char(string="Why it ended", readonly=True)
    state = fields.Selection(
        [("blocked", "Blocked"), ("lifted", "Unblocked"), ("replaced", "Replaced"), ("expired", "Expired")],
        string="Status",
        compute="_compute_state",
    )
    booklet_ids = fields.One2many("aptic.booklet", "blocking_id", string="New booklets")
    voucher_ids = fields.One2many("aptic.voucher", "blocking_id", string="Blocked vouchers")

    _range = models.Constraint(
        "CHECK(serial_from > 0 AND serial_to >= serial_from AND quantity > 0)", "Something must be blocked."
    )
    _ended_whole = models.Constraint(
        "CHECK(num_nulls(outcome, ended_by_id, ended_at, end_reason) IN (0, 4)"
        " AND (outcome IS DISTINCT FROM 'lifted' OR ended_by_id <> user_id))",
        "Another person unblocks, and says why.",
    )

    def init(self):  # pylint: disable=missing-return
        """Let the database itself refuse to end a blocking twice."""
        super().init()
        protect(self.env.cr, self._table)

    @api.depends("outcome")
    def _compute_state(self):
        for blocking in self:
            blocking.state = blocking.outcome or "blocked"

    @api.depends("serial_from", "serial_to")
    def _compute_display_name(self):
        for blocking in self:
            ends = dict.fromkeys((blocking.serial_from, blocking.serial_to))
            blocking.display_name = " – ".join(map(codes.serial_digits, ends))

    # ------------------------------------------------------------------ verbs
    @api.model
    def _block(self, first, last, cause, reason, whole_booklets=True, order=None):
        """Block the unspent vouchers of a range of serials, at once: no scan that begins afterwards pays.

        Waits for scans of these booklets that have begun. Vouchers that are spent, expired or blocked already stay as
        they are.

        :param int first: first serial
        :param int last: last serial, at least ``first``
        :param str cause: a value of the field
        :param str reason: why, in the person's words; kept in the ledger
        :param bool whole_booklets: block the whole booklets in which the serials lie
        :param order: the order that the serials must be of; default whichever it is
        :return: ``aptic.blocking``: one, or two where a part of the vouchers was not activated yet
        :raise AccessError: when the user is neither staff nor a manager of the order's sponsor
        :raise UserError: when there is nothing to block; the message says what to do
        """
        reason = self._check_reason(reason)
        order = self._order_of(first, last, order)
        self._check_may_block(order)
        blockings = self.sudo()
        blockings._lock_order(order)
        first, last = blockings._lock_booklets(order, first, last, whole_booklets)
        for was in BLOCKABLE:
            blockings |= blockings._block_those(order, first, last, was, cause, reason)
        if not blockings:
            raise UserError(self._nothing_to_block(first, last))
        order._tell_of_blocking(blockings)
        return blockings.with_env(self.env)

    def _lift(self, reason):
        """Give blocked vouchers back what they were.

        :param str reason: why
        :raise AccessError: when the user is not staff
        :raise UserError: for the person who blocked them, without a reason, or when the blocking has ended
        """
        self._check_any_group(STAFF)
        self.check_access("read")
        reason = self._check_reason(reason)
        for blocking in self.sudo():
            if blocking.user_id == self.env.user:
                raise UserError(self.env._("You blocked these vouchers yourself: another person must unblock them."))
            blocking._end("lifted", reason)
            booklets = blocking._blocked_ranges()
            count = blocking._move("lifted", blocking.was)
            blocking._append("unblock", count, reason)
            self.env["aptic.distribution"]._find_again(booklets, reason)

    def _replace(self, reason=None):
        """Issue new vouchers for the blocked ones, once: new serials, new codes, a booklet for a booklet.

        The old ones are ``replaced``, never payable again; the new ones are what the old ones were, so no money moves.

        :param str reason: default: why they were blocked
        :return: the new booklets
        :raise AccessError: when the user is not staff
        :raise UserError: when the blocking has ended, or the vouchers would no longer be accepted
        """
        self._check_any_group(STAFF)
        self.check_access("read")
        version = self.env["aptic.booklet"]._keyring().current
        for blocking in self.sudo():
            if clock.today() > blocking.order_id._last_accepted_day():
                raise UserError(
                    self.env._("%(name)s is over: its vouchers can no longer be replaced.", name=blocking.order_id.name)
                )
            blocking._end("replaced", self._check_reason(reason or blocking.reason))
            first, count = blocking._issue_again(version)
            blocking._append("replace", count, blocking.end_reason)
            blocking._append(
                "issue", count, self.env._("Replaces %(range)s", range=blocking.display_name), first, first + count - 1
            )
        self.invalidate_recordset(["booklet_ids"])
        return self.booklet_ids

    @api.model
    def _expire_of(self, order):
        """End what is blocked of an order that expires: the money returns to the sponsor, the paper stays dead."""
        reason = self.env._("The order has expired")
        open_ones = self.sudo().search([("order_id", "=", order.id), ("outcome", "=", False)], order="id")
        open_ones._fill_in_end("expired", reason)
        rows = []
        for blocking in open_ones:
            rows.append(blocking._event("unblock", blocking.quantity, reason))
            if blocking.was == "active":
                rows.append(blocking._event("expire", blocking.quantity, reason))
        self.env["aptic.event"].sudo()._append(rows)

    @api.model
    def _block_returned(self, serials):
        """Block again what a cancelled scan gives back while its booklet is blocked or replaced: a finder may hold it.

        :param serials: of the vouchers given back
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT v.serial, v.order_id, known.cause, known.reason
                     FROM aptic_voucher v
                     JOIN LATERAL (
                          SELECT cause, reason FROM aptic_blocking b
                           WHERE b.order_id = v.order_id AND v.serial BETWEEN b.serial_from AND b.serial_to
                             AND b.outcome IS DISTINCT FROM 'lifted'
                           ORDER BY id DESC LIMIT 1
                          ) known ON TRUE
                    WHERE v.serial = ANY(%s) AND v.state = 'active' ORDER BY v.serial""",
                list(serials),
            )
        )
        for serial, order_id, cause, reason in rows:
            order = self.env["aptic.order"].sudo().browse(order_id)
            self.sudo()._block_those(order, serial, serial, "active", cause, reason)

    # ----------------------------------------------------------------- checks
    @api.model
    def _check_reason(self, reason):
        reason = one_line(reason, LONGEST_REASON)
        if not reason:
            raise UserError(self.env._("Say why: the reason is kept in the ledger."))
        return reason

    @api.model
    def _check_any_group(self, groups):
        self.env["aptic.order"]._check_any_group(groups)

    @api.model
    def _check_may_block(self, order):
        user = self.env.user
        if user._is_superuser() or any(user.has_group(group) for group in STAFF):
            order.with_env(self.env).check_access("read")  # of the user's companies
            return
        if not self.env["aptic.member"]._find(order.sponsor_id, SPONSOR_ROLES):
            raise AccessError(self.env._("Only the sponsor's managers and the staff of #APTIC block vouchers."))

    @api.model
    def _order_of(self, first, last, order=None):
        """The order (sudo) of all serials from ``first`` to ``last``; only ``order`` will do when one is given."""
        if first > last:
            raise UserError(self.env._("The last number comes before the first: check both."))
        if last - first >= MOST:
            raise UserError(self.env._("This is more than %(most)s vouchers: check both numbers.", most=MOST))
        self.env["aptic.voucher"].flush_model()
        [(count, least, most)] = self.env.execute_query(
            SQL(
                """SELECT count(*), min(order_id), max(order_id) FROM aptic_voucher
                    WHERE serial BETWEEN %s AND %s AND (%s::int IS NULL OR order_id = %s)""",
                first, last, order and order.id, order and order.id,
            )
        )  # fmt: skip
        if count != last - first + 1:
            raise UserError(
                self.env._(
                    "These numbers are not all those of one order's vouchers: check them on the booklet's cover."
                )
                if order
                else self.env._("These numbers are not all those of vouchers: check them on the booklet's cover.")
            )
        if least != most:
            raise UserError(self.env._("These numbers belong to several orders: block them order by order."))
        return self.env["aptic.order"].sudo().browse(least)

    @api.model
    def _nothing_to_block(self, first, last):
        rows = dict(
            self.env.execute_query(
                SQL(
                    """SELECT state, count(*) FROM aptic_voucher WHERE serial BETWEEN %s AND %s
                        GROUP BY state ORDER BY 2 DESC""",
                    first, last,
                )
            )
        )  # fmt: skip
        labels = dict(self.env["aptic.voucher"]._fields["state"]._description_selection(self.env))
        return self.env._(
            "There is nothing to block from %(first)s to %(last)s: %(states)s.",
            first=codes.serial_digits(first),
            last=codes.serial_digits(last),
            states=", ".join(f"{labels[state]} ({count})" for state, count in rows.items()),
        )

    # ------------------------------------------------------------------ locks
    def _lock_order(self, order):
        """One act at a time on the vouchers of an order; scans do not wait for this lock.

        Not ``FOR UPDATE``: the ledger row of a scan refers to the order, and the scan holds booklets that we want.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL("SELECT state FROM aptic_order WHERE id = %s FOR NO KEY UPDATE", order.id), log_exceptions=False
        )
        [(state,)] = self.env.cr.fetchall()
        if state not in CIRCULATING:
            labels = dict(order._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(name)s is “%(state)s”: its vouchers are worth nothing.", name=order.name, state=labels[state]
                )
            )

    def _lock_booklets(self, order, first, last, whole_booklets):
        """Wait for the scans that have begun, keep new ones out; return the range, of whole booklets if asked."""
        self.env.cr.execute(
            SQL(
                """SELECT serial, serial + size - 1 FROM aptic_booklet
                    WHERE order_id = %s AND serial <= %s AND serial + size > %s
                    ORDER BY id FOR NO KEY UPDATE""",
                order.id, last, first,
            ),
            log_exceptions=False,
        )  # fmt: skip
        rows = self.env.cr.fetchall()
        if not whole_booklets:
            return first, last
        return min(row[0] for row in rows), max(row[1] for row in rows)

    # ------------------------------------------------------------- inner work
    def _block_those(self, order, first, last, was, cause, reason):
        """Block the vouchers of a range that are ``was``; empty when there is none."""
        self.env.cr.execute(
            SQL(
                """WITH found AS (
                       SELECT id FROM aptic_voucher
                        WHERE order_id = %(order)s AND serial BETWEEN %(first)s AND %(last)s AND state = %(was)s
                        ORDER BY serial FOR NO KEY UPDATE
                   ), blocking AS (
                       INSERT INTO aptic_blocking
                              (order_id, serial_from, serial_to, quantity, was, cause, reason, user_id, at)
                       SELECT %(order)s, %(first)s, %(last)s, count(*), %(was)s, %(cause)s, %(reason)s, %(user)s, %(at)s
                         FROM found HAVING count(*) > 0
                    RETURNING id
                   ), moved AS (
                       UPDATE aptic_voucher SET state = 'blocked', blocking_id = blocking.id
                         FROM blocking WHERE aptic_voucher.id IN (SELECT id FROM found)
                    RETURNING aptic_voucher.id
                   )
                   SELECT id FROM blocking""",
                order=order.id, first=first, last=last, was=was, cause=cause, reason=reason, user=self.env.uid,
                at=clock.now(),
            ),
            log_exceptions=False,
        )  # fmt: skip
        blocking = self.browse(row[0] for row in self.env.cr.fetchall())
        if blocking:
            self._forget()
            blocking._append("block", blocking.quantity, reason)
        return blocking

    def _end(self, outcome, reason):
        """Fill in how the blocking ended; the second of two at once is played again by Odoo, and then refused."""
        self.ensure_one()
        self._lock_order(self.order_id)
        if not self._fill_in_end(outcome, reason):
            raise UserError(
                self.env._(
                    "%(name)s: this has ended already (%(state)s).",
                    name=self.display_name,
                    state=dict(self._fields["state"]._description_selection(self.env))[self.state],
                )
            )

    def _fill_in_end(self, outcome, reason):
        """Note how blockings ended that are open; return their number."""
        self.env.cr.execute(
            SQL(
                """UPDATE aptic_blocking SET outcome = %s, ended_by_id = %s, ended_at = %s, end_reason = %s
                    WHERE id = ANY(%s) AND outcome IS NULL""",
                outcome, self.env.uid, clock.now(), reason, self.ids,
            ),
            log_exceptions=False,
        )  # fmt: skip
        done = self.env.cr.rowcount
        self.invalidate_recordset()
        return done

    def _move(self, outcome, target):
        """Move the blocking's vouchers to ``target``; they keep pointing here when they are dead for good."""
        self.env.cr.execute(
            SQL(
                """UPDATE aptic_voucher SET state = %s, blocking_id = CASE WHEN %s THEN NULL ELSE blocking_id END
                    WHERE blocking_id = %s AND state = 'blocked'""",
                target, outcome == "lifted", self.id,
            ),
            log_exceptions=False,
        )  # fmt: skip
        count = self.env.cr.rowcount
        self._forget()
        return count

    def _issue_again(self, version):
        """Make a new booklet for the blocked vouchers of each old one; return the first new serial and their number."""
        first, count = self.env["aptic.voucher"]._reserve(self.quantity), self.quantity
        salts = self.env["aptic.order"]._salts(count)  # at most one booklet a voucher
        self.env.cr.execute(
            SQL(
                """
                WITH old AS (
                    SELECT booklet_id, count(*) AS size, row_number() OVER (ORDER BY booklet_id) AS n,
                           sum(count(*)) OVER (ORDER BY booklet_id) - count(*) AS before
                      FROM aptic_voucher WHERE blocking_id = %(blocking)s AND state = 'blocked'
                     GROUP BY booklet_id
                ), booklet AS (
                    INSERT INTO aptic_booklet (order_id, serial, size, key_version, salt, replaces_id, blocking_id)
                    SELECT %(order)s, %(first)s + old.before, old.size, %(version)s, given.salt, old.booklet_id,
                           %(blocking)s
                      FROM old JOIN unnest(%(salts)s) WITH ORDINALITY AS given(salt, n) USING (n)
                 RETURNING id, serial, size
                ), voucher AS (
                    INSERT INTO aptic_voucher (serial, booklet_id, order_id, state)
                    SELECT booklet.serial + n, booklet.id, %(order)s, %(was)s
                      FROM booklet, LATERAL generate_series(0, booklet.size - 1) AS n
                 RETURNING 1
                )
                SELECT count(*) FROM voucher
                """,
                blocking=self.id,
                order=self.order_id.id,
                first=first,
                version=version,
                salts=salts,
                was=self.was,
            )
        )
        [(made,)] = self.env.cr.fetchall()
        gone = self._move("replaced", "replaced")
        if not made == gone == count:
            raise UserError(self.env._("%(name)s changed meanwhile: try again.", name=self.display_name))
        self.order_id.invalidate_recordset(["booklet_ids"])
        return first, count

    def _append(self, kind, quantity, reason, first=None, last=None):
        """Write one row of the ledger."""
        self.env["aptic.event"].sudo()._append([self._event(kind, quantity, reason, first, last)])

    def _event(self, kind, quantity, reason, first=None, last=None):
        """A row of the ledger. What was never activated has no value there that could be missing or given back."""
        counts = self.was == "active" or kind == "issue"
        return {
            "kind": kind,
            "order_id": self.order_id.id,
            "serial_from": first or self.serial_from,
            "serial_to": last or self.serial_to,
            "quantity": quantity,
            "amount_cents": quantity * self.order_id.face_value_cents if counts else 0,
            "reason": reason,
        }

    def _forget(self):
        self.env["aptic.voucher"].invalidate_model()
        self.env["aptic.booklet"].invalidate_model()

    # ---------------------------------------------------------------- buttons
    def action_lift(self):
        """Button of the back office: asks why."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("aptic_voucher.aptic_blocking_lift_action")
        return {**action, "context": {"default_blocking_id": self.id}}

    def action_replace(self):
        """Button of the back office: issue the new vouchers, then show their booklets."""
        self.ensure_one()
        booklets = self._replace()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New booklets"),
            "res_model": "aptic.booklet",
            "view_mode": "list,form",
            "domain": [("id", "in", booklets.ids)],
        }
