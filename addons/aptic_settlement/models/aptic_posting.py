from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.aptic_base.cents import Cents
from odoo.addons.aptic_voucher.days import paris_day
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

# What a row of the ledger moves, and in which direction.
MOVES = {
    "activate": ("activate", 1),
    "redeem": ("scan", 1),
    "cancel": ("scan", -1),
    "reverse": ("reverse", 1),
    "expire": ("expire", 1),
    "revive": ("expire", -1),
}
LATE_DAYS = 31


class ApticPosting(models.Model):
    """What the daily entries have booked, by day, order and kind; the next run books the difference only.

    Running twice books nothing twice, and a row of the ledger that was committed late, or that says an old day, is
    caught up by the next run, however old it is.
    """

    _name = "aptic.posting"
    _description = "Daily entry of the ledger"
    _log_access = False
    _order = "day desc, order_id, kind, id"
    _rec_name = "day"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    day = fields.Date(required=True, readonly=True)
    order_id = fields.Many2one("aptic.order", required=True, readonly=True, index=True, ondelete="restrict")
    kind = fields.Selection(
        [("activate", "Activation"), ("scan", "Redemption"), ("reverse", "Reversal"), ("expire", "Expiry")],
        required=True,
        readonly=True,
    )
    amount_cents = Cents(string="Amount (cents)", required=True, readonly=True)
    move_id = fields.Many2one(
        "account.move", string="Entry", required=True, readonly=True, index=True, ondelete="restrict"
    )

    _day = models.Index("(company_id, day)")

    # ------------------------------------------------------------------- post
    @api.model
    def _post_until(self, day, company=None):
        """Book the ledger up to ``day``: one entry for each day, one pair of lines for each order and kind.

        activation: face value not yet activated → sponsor funds; redemption (less those cancelled): sponsor funds →
        scans due; reversal of a settled redemption: to be recovered from providers → sponsor funds; expiry (less what
        an extension brought back): sponsor funds → to be returned. The number of SQL statements depends on days and
        orders, not on events.

        :param day: last day to book, today at the latest
        :param company: the operator's company, default the current one
        :return: the entries made
        :raise UserError: for a day to come, or when an account is not set
        """
        company = company or self.env.company
        if day > paris_day(fields.Datetime.now()):
            raise UserError(self.env._("%(day)s is not over yet.", day=format_date(self.env, day)))
        company._aptic_check_circuit()
        return self.sudo().with_company(company)._post(day, company)

    def _post(self, day, company):
        self._one_run_at_a_time(company)
        differences = self._differences(day, company)
        self._note_seen(day, company)
        if not differences:
            return self.env["account.move"]
        days = {}
        for at, order_id, kind, cents in differences:
            days.setdefault(at, []).append((order_id, kind, cents))
        vals_list = [self._prepare_move(company, at, rows) for at, rows in days.items()]
        places = self._analyse(company, days, vals_list)
        moves = self.env["account.move"].create(vals_list)
        self.env.cr.execute_values(
            "INSERT INTO aptic_posting (company_id, day, order_id, kind, amount_cents, move_id, territories) VALUES %s",
            [
                (
                    company.id,
                    at,
                    order_id,
                    kind,
                    cents,
                    move.id,
                    self._kept(company, places.get((at, order_id, kind))),
                )
                for move, (at, rows) in zip(moves, days.items(), strict=True)
                for order_id, kind, cents in rows
            ],
        )
        self.invalidate_model()
        moves.action_post()
        return moves

    def _one_run_at_a_time(self, company):
        """Make a second run that has already looked fail and be retried, instead of booking the same difference."""
        self.env.cr.execute(
            SQL("UPDATE res_company SET aptic_posted_at = now() AT TIME ZONE 'UTC' WHERE id = %s", company.id)
        )
        company.invalidate_recordset(["aptic_posted_at"], flush=False)

    def _note_seen(self, day, company):
        """Note up to which row of the ledger all days are booked: up to its last seal, below which nothing appears any
        more. A run that stops before yesterday has not booked all that it saw, and notes nothing."""
        if day < paris_day(fields.Datetime.now()) - timedelta(days=1):
            return
        self.env.cr.execute(
            SQL(
                "UPDATE res_company SET aptic_posted_row = (SELECT COALESCE(MAX(id_to), 0) FROM aptic_seal)"
                " WHERE id = %s",
                company.id,
            )
        )
        company.invalidate_recordset(["aptic_posted_row"], flush=False)

    def _differences(self, day, company):
        """``(day, order, kind, cents)`` that the ledger holds and the entries do not, by one query.

        Looks at the month before the last day booked and, of all that is older, at the days of which the ledger has
        gained rows since.
        """
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                WITH horizon AS (
                         SELECT MAX(day) - %(late)s AS day FROM aptic_posting WHERE company_id = %(company)s
                     ), older AS (
                         SELECT DISTINCT day
                           FROM aptic_event
                          WHERE id > (SELECT COALESCE(aptic_posted_row, 0) FROM res_company WHERE id = %(company)s)
                            AND day < (SELECT day FROM horizon)
                     ), ledger AS (
                         SELECT event.day, event.order_id, move.kind, SUM(move.sign * event.amount_cents) AS cents
                           FROM aptic_event AS event
                           JOIN (VALUES %(moves)s) AS move (event, kind, sign) ON move.event = event.kind
                           JOIN aptic_order ON aptic_order.id = event.order_id
                                           AND aptic_order.company_id = %(company)s
                          WHERE event.day <= %(day)s
                            AND (event.day >= COALESCE((SELECT day FROM horizon), '-infinity'::date)
                                 OR event.day = ANY(ARRAY(SELECT day FROM older)))
                       GROUP BY event.day, event.order_id, move.kind
                     ), posted AS (
                         SELECT day, order_id, kind, SUM(amount_cents) AS cents
                           FROM aptic_posting
                          WHERE company_id = %(company)s
                            AND day <= %(day)s
                            AND (day >= COALESCE((SELECT day FROM horizon), '-infinity'::date)
                                 OR day = ANY(ARRAY(SELECT day FROM older)))
                       GROUP BY day, order_id, kind
                     )
              SELECT day, order_id, kind, (COALESCE(ledger.cents, 0) - COALESCE(posted.cents, 0))::bigint
                FROM ledger
           FULL JOIN posted USING (day, order_id, kind)
               WHERE COALESCE(ledger.cents, 0) <> COALESCE(posted.cents, 0)
            ORDER BY day, order_id, kind
                """,
                late=LATE_DAYS,
                company=company.id,
                day=day,
                moves=SQL(", ").join((event, kind, sign) for event, (kind, sign) in MOVES.items()),
            )
        )

    # --------------------------------------------------------------- documents
    def _prepare_move(self, company, day, rows):
        """The entry of one day, in the company's language; ``rows`` are ``(order id, kind, cents)``."""
        words = self.with_context(lang=company.partner_id.lang)
        journal = company.aptic_ledger_journal_id
        orders = self.env["aptic.order"].browse({order_id for order_id, _kind, _cents in rows})
        partners = {order.id: order.sponsor_id.partner_id.commercial_partner_id.id for order in orders}
        lines = []
        for order_id, kind, cents in rows:
            source, target = self._accounts(company, kind)
            name = f"{self.env['aptic.order'].browse(order_id).name} - {words._label(kind)}"
            for account, balance in ((source, cents), (target, -cents)):
                lines.append(
                    fields.Command.create(
                        {
                            "name": name,
                            "account_id": account.id,
                            # What is to be recovered is no claim on the sponsor.
                            "partner_id": account != company.aptic_recover_account_id and partners[order_id],
                            "balance": balance / 100,
                        }
                    )
                )
        return {
            "move_type": "entry",
            "journal_id": journal.id,
            "company_id": company.id,
            "date": self._open_day(company, day),
            "ref": words.env._("Vouchers of %(day)s", day=format_date(words.env, day)),
            "line_ids": lines,
        }

    def _label(self, kind):
        return dict(self._fields["kind"]._description_selection(self.env))[kind]

    def _accounts(self, company, kind):
        """``(debited, credited)`` for an amount above zero."""
        return {
            "activate": (company.aptic_unactivated_account_id, company.aptic_funds_account_id),
            "scan": (company.aptic_funds_account_id, company.aptic_scans_due_account_id),
            "reverse": (company.aptic_recover_account_id, company.aptic_funds_account_id),
            "expire": (company.aptic_funds_account_id, company.aptic_to_return_account_id),
        }[kind]

    def _open_day(self, company, day):
        """The day itself, or the first one after the lock date: what comes late is booked in the open period."""
        lock = company._get_user_fiscal_lock_date(company.aptic_ledger_journal_id, ignore_exceptions=True)
        return max(day, lock + timedelta(days=1)) if lock and lock >= day else day

    # ------------------------------------------------------------------- cron
    @api.model
    def _cron_post(self):
        """Book what was closed yesterday or before, for every operator."""
        yesterday = paris_day(fields.Datetime.now()) - timedelta(days=1)
        for company in self.env["res.company"].search([("aptic_ledger_journal_id", "!=", False)]):
            self._post_until(yesterday, company)
