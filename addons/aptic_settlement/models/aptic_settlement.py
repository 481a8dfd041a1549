from datetime import datetime, time, timedelta, timezone

from odoo import api, fields, models
from odoo.addons.aptic_voucher.days import PARIS, paris_day
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from .. import reversals

STATEMENT_COLUMNS = (
    "redemption_count",
    "voucher_count",
    "gross_cents",
    "fee_cents",
    "tax_cents",
    "net_cents",
    "due_cents",
    "fund_cents",
)


class ApticSettlement(models.Model):
    """A month-end run: it takes every redemption received before its cut-off that no run has taken yet.

    Of its own company: each operator pays what its own vouchers have paid for.

    ``draft → computed → approved (by another person) → sent → done``. Each step is one transaction: interrupted, it has
    not happened, and it is pressed again. The documents of a large approval follow it in batches.
    """

    _name = "aptic.settlement"
    _description = "Settlement"
    _inherit = ["aptic.guarded.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "cutoff_day desc, id desc"

    name = fields.Char(compute="_compute_name", store=True, precompute=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    cutoff_day = fields.Date(
        string="Cut-off",
        required=True,
        default=lambda self: self._default_cutoff_day(),
        help="Redemptions received before this day (00:00, Paris time) are settled, whatever their day.",
    )
    last_day = fields.Date(
        string="Last day", compute="_compute_name", store=True, precompute=True, help="Last day of the period."
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("computed", "Computed"),
            ("approved", "Approved"),
            ("sent", "Sent to the bank"),
            ("done", "Done"),
        ],
        string="Status",
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    computed_by_id = fields.Many2one(
        "res.users", string="Computed by", readonly=True, copy=False, ondelete="restrict", tracking=True
    )
    computed_on = fields.Datetime(string="Computed on", readonly=True, copy=False)
    approved_by_id = fields.Many2one(
        "res.users", string="Approved by", readonly=True, copy=False, ondelete="restrict", tracking=True
    )
    approved_on = fields.Datetime(string="Approved on", readonly=True, copy=False)
    statement_ids = fields.One2many("aptic.statement", "settlement_id", readonly=True)
    statement_count = fields.Integer(compute="_compute_totals")
    voucher_count = fields.Integer(string="Vouchers", compute="_compute_totals")
    gross = fields.Monetary(compute="_compute_totals")
    fee = fields.Monetary(compute="_compute_totals")
    net = fields.Monetary(compute="_compute_totals")
    fund = fields.Monetary(string="To the territorial funds", compute="_compute_totals")

    _guarded_fields = frozenset({"state", "computed_by_id", "computed_on", "approved_by_id", "approved_on"})

    _cutoff_unique = models.Constraint(
        "UNIQUE(company_id, cutoff_day)", "A settlement with this cut-off exists already: open it instead."
    )
    _two_persons = models.Constraint(
        "CHECK(approved_by_id IS NULL OR approved_by_id <> computed_by_id)",
        "A settlement is approved by another person than the one who computed it.",
    )

    # ----------------------------------------------------------------- fields
    @api.model
    def _default_cutoff_day(self):
        return paris_day(fields.Datetime.now()).replace(day=1)

    @api.depends("cutoff_day")
    def _compute_name(self):
        for settlement in self:
            settlement.last_day = settlement.cutoff_day and settlement.cutoff_day - timedelta(days=1)
            settlement.name = settlement.last_day and f"{settlement.last_day:%Y-%m}"

    @api.depends("statement_ids.net_cents", "statement_ids.due_cents", "statement_ids.correction_cents")
    def _compute_totals(self):
        names = (
            "voucher_count", "gross_cents", "fee_cents", "net_cents", "fund_cents", "due_cents", "correction_cents",
            "correction_fee_cents",
        )  # fmt: skip
        groups = self.env["aptic.statement"]._read_group(
            [("settlement_id", "in", self.ids)], ["settlement_id"], ["__count", *(f"{name}:sum" for name in names)]
        )
        sums = {settlement.id: (count, *cents) for settlement, count, *cents in groups}
        for settlement in self:
            count, vouchers, gross, fee, net, fund, due, taken, given = sums.get(settlement.id, (0,) * 9)
            settlement.statement_count = count
            settlement.voucher_count = vouchers
            settlement.gross = gross / 100
            settlement.fee = fee / 100
            settlement.net = net / 100
            settlement.fund = fund / 100
            settlement.due = due / 100
            settlement.correction = (given - taken) / 100

    def write(self, vals):
        """Refuse to move the cut-off of a computed settlement."""
        if "cutoff_day" in vals and any(settlement.state != "draft" for settlement in self):
            raise UserError(self.env._("The cut-off cannot change once the settlement is computed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        if any(settlement.state != "draft" for settlement in self):
            raise UserError(self.env._("A computed settlement is kept: its statements are owed."))

    # ---------------------------------------------------------------- actions
    def action_compute(self):
        """Button: make the statements."""
        for settlement in self:
            settlement._take()

    def action_approve(self):
        """Button: approve as the second person; the entries and the invoices follow, of many in the background."""
        for settlement in self:
            settlement._approve()

    def action_open_statements(self):
        """Button: the statements of this settlement."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("aptic_settlement.aptic_statement_action")
        return {**action, "domain": [("settlement_id", "=", self.id)], "context": {}}

    def _check_accountant(self):
        if not self.env.user.has_group("aptic_base.group_aptic_accountant"):
            raise UserError(
                self.env._("Settlements are made by accountants: ask an administrator for the #APTIC accountant role.")
            )

    # ---------------------------------------------------------------- compute
    def _cutoff_at(self):
        """The cut-off as a UTC datetime, naive as the ORM's."""
        self.ensure_one()
        return datetime.combine(self.cutoff_day, time.min, PARIS).astimezone(timezone.utc).replace(tzinfo=None)

    def _take(self, at=None):
        """Make one statement a provider from all redemptions that no settlement has taken; once done, do nothing.

        Redemptions under verification are left for a later run, which the settlement notes by provider; what is watched
        for and was not looked at yet is looked at first. The number of SQL statements does not depend on the number of
        redemptions, but for that look.

        :param at: UTC datetime of the act, default now (the demonstration settles past months)
        :raise UserError: without the accountant role, before the cut-off, while another run is computing, or for a
            company without the accounts of a settlement
        """
        self.ensure_one()
        self._check_accountant()
        at = at or fields.Datetime.now()
        settlement = self.sudo()
        if settlement._cutoff_at() > at:
            raise UserError(
                self.env._(
                    "This settlement closes on %(day)s: compute it from that day on.",
                    day=format_date(self.env, self.cutoff_day),
                )
            )
        settlement.company_id._aptic_check_settlement_accounts()
        settlement._lock_run()
        if settlement.state != "draft":
            return
        self.env["aptic.redemption"].sudo()._check_watched(settlement._cutoff_at())
        self.env.flush_all()
        statement_ids = settlement._insert_statements()
        if statement_ids:
            settlement._settle_redemptions()
            settlement._fill_statements(statement_ids)
            settlement._correct_statements(statement_ids)
        settlement._note_held()
        self.env.invalidate_all()
        settlement._set_state(("draft",), "computed")
        settlement._guarded_write({"computed_by_id": self.env.uid, "computed_on": at})

    def _lock_run(self):
        """Hold the right to compute until the end of the transaction; refuse when somebody else has it."""
        [[free]] = self.env.execute_query(SQL("SELECT pg_try_advisory_xact_lock(hashtext('aptic.settlement'))"))
        if not free:
            raise UserError(self.env._("Another settlement is being computed: try again in a minute."))
        self._lock_or_retry()

    def _insert_statements(self):
        amounts = (*STATEMENT_COLUMNS, *reversals.COLUMNS)
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO aptic_statement (
                            id, name, settlement_id, company_id, provider_id, state, payout_count,
                            %(zeros)s)
                     SELECT id, %(prefix)s || lpad(id::text, GREATEST(6, length(id::text)), '0'),
                            %(settlement)s, %(company)s, provider_id, 'draft', 0,
                            %(no_amounts)s
                       FROM (
                            SELECT nextval('aptic_statement_id_seq') AS id, provider_id
                              FROM (
                                    SELECT DISTINCT provider_id
                                      FROM aptic_redemption AS redemption
                                     WHERE state = 'done' AND is_held IS NOT TRUE AND received_at < %(cutoff)s
                                       AND %(own)s
                                     UNION
                                    %(corrected)s
                                  ORDER BY provider_id
                                   ) AS owed
                            ) AS numbered
                  RETURNING id
                """,
                prefix=f"APTIC-{self.last_day:%Y-%m}-",
                settlement=self.id,
                company=self.company_id.id,
                cutoff=self._cutoff_at(),
                own=self._own_redemptions(),
                zeros=SQL(", ").join(map(SQL.identifier, amounts)),
                no_amounts=SQL(", ").join(SQL("0") for _amount in amounts),
                corrected=self._corrected_providers(),
            )
        )
        return [statement_id for (statement_id,) in rows]

    def _own_redemptions(self):
        """SQL: the condition on ``redemption`` that this company has issued its vouchers (``_redeem`` mixes no two).

        The ledger is not asked where no other company has orders: then all are its own.
        """
        if not self.env["aptic.order"].search_count([("company_id", "!=", self.company_id.id)], limit=1):
            return SQL("TRUE")
        return SQL(
            """EXISTS (SELECT FROM aptic_event AS event
                         JOIN aptic_order AS ordered ON ordered.id = event.order_id AND ordered.company_id = %s
                        WHERE event.redemption_id = redemption.id AND event.kind = 'redeem')""",
            self.company_id.id,
        )

    def _settle_redemptions(self):
        self.env.cr.execute(
            SQL(
                """
                UPDATE aptic_redemption AS redemption
                   SET state = 'settled', statement_id = statement.id
                  FROM aptic_statement AS statement
                 WHERE statement.settlement_id = %s
                   AND statement.provider_id = redemption.provider_id
                   AND redemption.state = 'done'
                   AND redemption.is_held IS NOT TRUE
                   AND redemption.received_at < %s
                   AND %s
                """,
                self.id,
                self._cutoff_at(),
                self._own_redemptions(),
            )
        )

    def _fill_statements_columns(self, columns, rows):
        """Write integer columns of many statements at once.

        :param columns: their names
        :param rows: tuples: the statement's id, then a value (or None) for each column
        """
        if not rows:
            return
        self.env.cr.execute_values(
            "UPDATE aptic_statement AS statement SET "  # pylint: disable=sql-injection
            + ", ".join(f"{column} = filled.{column}::bigint" for column in columns)
            + f" FROM (VALUES %s) AS filled (id, {', '.join(columns)}) WHERE filled.id = statement.id",
            rows,
            page_size=len(rows),
        )

    def _insert_fund_lines(self, rows):
        if not rows:
            return
        self.env.cr.execute_values(
            "INSERT INTO aptic_fund_line (fund_id, statement_id, base_cents, amount_cents, is_correction) VALUES %s",
            rows,
            page_size=len(rows),
        )

    # ---------------------------------------------------------------- approve
    def _approve(self, at=None):
        """Approve as the second person: decided at once, the documents follow in batches (``_make_documents``).

        :param at: UTC datetime of the act, default now (the demonstration settles past months)
        :raise UserError: without the accountant role, for who computed it, from another state, or when the ledger does
            not hold what the statements say
        """
        self.ensure_one()
        self._check_accountant()
        at = at or fields.Datetime.now()
        settlement = self.sudo()
        if settlement.state == "computed" and settlement.computed_by_id == self.env.user:
            raise UserError(
                self.env._("You computed this settlement: another accountant must check it and approve it.")
            )
        if not settlement._set_state(("computed",), "approved"):
            return
        settlement._guarded_write({"approved_by_id": self.env.uid, "approved_on": at})
        self.env["aptic.posting"]._post_until(settlement.last_day, settlement.company_id)
        settlement.company_id._aptic_check_settlement_accounts()
        settlement._refresh_balances(settlement.statement_ids)
        settlement._ledger_rows(settlement.statement_ids)
        settlement._start_documents()
        settlement._tell_held()

    def _append_ledger(self, statements, at):
        """Write what the ledger says of these statements, on the same day as their entries in the accounts."""
        self.env["aptic.event"]._append([{**row, "at": at} for row in self._ledger_rows(statements)])

    def _ledger_rows(self, statements):
        """One ``settle`` row for each statement and order.

        :param statements: of this settlement
        :return: list of dicts for ``aptic.event``, without their time
        :raise UserError: when they do not add up to what the statements say
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT statement.name, event.order_id, SUM(event.quantity)::bigint, SUM(event.amount_cents)::bigint
                  FROM aptic_statement AS statement
                  JOIN aptic_redemption AS redemption ON redemption.statement_id = statement.id
                  JOIN aptic_event AS event ON event.redemption_id = redemption.id AND event.kind = 'redeem'
                 WHERE statement.id = ANY(%s)
              GROUP BY statement.id, event.order_id
              ORDER BY statement.id, event.order_id
                """,
                statements.ids,
            )
        )
        self._check_ledger(sum(cents for *_keys, cents in rows), sum(statements.mapped("gross_cents")))
        return [self._prepare_ledger_row("settle", *row) for row in rows]

    def _prepare_ledger_row(self, kind, name, order_id, quantity, cents):
        return {
            "kind": kind,
            "order_id": order_id,
            "quantity": quantity,
            "amount_cents": cents,
            "user_id": self.env.uid,
            "reason": name,
        }

    def _check_ledger(self, settled, owed):
        """Refuse to approve what the ledger does not say; both in cents."""
        if settled != owed:
            raise UserError(
                self.env._(
                    "The ledger holds %(ledger)s cents for these redemptions and the statements %(statements)s: "
                    "nothing was approved. Tell the administrator.",
                    ledger=settled,
                    statements=owed,
                )
            )

    def _update_state(self):
        """Follow the statements: sent with the first one at the bank, done when nothing is left to pay."""
        for settlement in self.filtered(lambda settlement: settlement.state in ("approved", "sent", "done")):
            states = set(settlement.statement_ids.mapped("state"))
            if states <= {"paid", "nil"}:
                target = "done"
            elif states & {"sent", "paid", "returned"}:
                target = "sent"
            else:
                target = "approved"
            settlement._set_state(("approved", "sent", "done"), target)
