from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .. import reversals


class ApticSettlement(models.Model):
    """A settlement takes the reversals approved before its cut-off, each once, and what was carried over."""

    _inherit = "aptic.settlement"

    due = fields.Monetary(string="To be paid", compute="_compute_totals")
    correction = fields.Monetary(string="Corrections", compute="_compute_totals")

    # ---------------------------------------------------------------- compute
    def _to_correct(self):
        """SQL: the condition on reversals that this settlement takes."""
        return SQL(
            "decision = 'approved' AND correction_statement_id IS NULL AND company_id = %s AND decided_at < %s",
            self.company_id.id,
            self._cutoff_at(),
        )

    def _corrected_providers(self):
        """SQL: the providers who need a statement for their corrections, whether they had redemptions or not."""
        return SQL("SELECT provider_id FROM aptic_reversal WHERE %s", self._to_correct())

    def _correct_statements(self, statement_ids):
        """Take the corrections and the balances carried over into the statements, and compute what is paid."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE aptic_reversal AS reversal
                   SET correction_statement_id = statement.id
                  FROM aptic_statement AS statement
                 WHERE statement.settlement_id = %s
                   AND statement.provider_id = reversal.provider_id
                   AND reversal.id IN (SELECT id FROM aptic_reversal WHERE %s)
                """,
                self.id,
                self._to_correct(),
            )
        )
        taken, fund_lines = self._taken_back(statement_ids)
        carried = self._carried_over(statement_ids)
        concerned = taken.keys() | carried.keys()
        if not concerned:
            return
        nets = dict(
            self.env.execute_query(
                SQL("SELECT id, net_cents FROM aptic_statement WHERE id = ANY(%s)", sorted(concerned))
            )
        )
        rows = []
        for statement_id, net in nets.items():
            face, fee, tax, share = taken.get(statement_id, (0, 0, 0, 0))
            from_id, owed = carried.get(statement_id, (None, 0))
            end = reversals.balance(net, face - fee, owed)
            rows.append((statement_id, face, fee, tax, share, owed, end.carried, end.due, from_id))
        columns = (*reversals.COLUMNS, "due_cents", "carried_from_id")
        self._fill_statements_columns(columns, rows)
        self._insert_fund_lines(fund_lines)

    def _taken_back(self, statement_ids):
        """What the corrections of statements come to.

        :return: ``{statement id: (face, fee, VAT in it, funds' shares)}`` in cents, and rows of the funds
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT reversal.correction_statement_id, reversal.statement_id, fee.tax_bp, share.fund_id,
                       SUM(share.face_cents)::bigint,
                       COALESCE(SUM(share.fee_cents) FILTER (WHERE fee.sponsor_id IS NULL), 0)::bigint,
                       COALESCE(SUM(share.fund_cents) FILTER (WHERE fee.sponsor_id IS NULL
                                                                AND fee.fund_charged_cents > 0), 0)::bigint,
                       SUM(share.fund_cents)::bigint,
                       (SELECT COALESCE(SUM(given.fee_cents), 0)::bigint
                          FROM aptic_reversal AS before
                          JOIN aptic_fee_share AS given ON given.redemption_id = before.redemption_id
                          JOIN aptic_statement_fee AS charged ON charged.id = given.fee_id
                         WHERE before.statement_id = reversal.statement_id
                           AND before.correction_statement_id < reversal.correction_statement_id
                           AND charged.sponsor_id IS NULL
                           AND charged.tax_bp = fee.tax_bp)
                  FROM aptic_reversal AS reversal
                  JOIN aptic_fee_share AS share ON share.redemption_id = reversal.redemption_id
                  JOIN aptic_statement_fee AS fee ON fee.id = share.fee_id
                 WHERE reversal.correction_statement_id = ANY(%s)
              GROUP BY 1, 2, 3, 4
              ORDER BY 1, 2, 3, 4
                """,
                statement_ids,
            )
        )
        totals, fees_of, funds = {}, {}, {}
        for statement_id, original_id, tax_bp, fund_id, face, fee, contribution, share, before in rows:
            total = totals.setdefault(statement_id, [0, 0, 0, 0])
            for index, cents in ((0, face), (1, fee + contribution), (3, share)):
                total[index] += cents
            # One credit note for each invoice that is corrected; what earlier ones have given back of it counts.
            document = (statement_id, original_id, tax_bp, before)
            fees_of[document] = fees_of.get(document, 0) + fee
            base, part = funds.get((fund_id, statement_id), (0, 0))
            funds[fund_id, statement_id] = (base + face, part + share)
        for (statement_id, _original_id, tax_bp, before), fee in fees_of.items():
            totals[statement_id][2] += reversals.tax_given_back(before, fee, tax_bp)
        lines = [(fund, statement, -base, -part, True) for (fund, statement), (base, part) in funds.items()]
        return {statement_id: tuple(total) for statement_id, total in totals.items()}, lines

    def _carried_over(self, statement_ids):
        """What earlier statements have carried over and no later one has taken yet.

        What the provider has paid back meanwhile, by a line of the bank reconciled with it, is not taken again.

        :return: ``{statement id: (id of the earlier one, cents)}``
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT statement.id, earlier.id,
                       COALESCE((SELECT ROUND(SUM(item.amount_residual) * 100)
                                   FROM account_move_line AS item
                                  WHERE item.move_id = earlier.move_id
                                    AND item.account_id = %s
                                    AND item.debit > 0), earlier.carried_out_cents)::bigint
                  FROM aptic_statement AS statement
                  JOIN aptic_statement AS earlier ON earlier.provider_id = statement.provider_id
                                                 AND earlier.company_id = statement.company_id
                                                 AND earlier.carried_out_cents > 0
                                                 AND earlier.settlement_id <> statement.settlement_id
                 WHERE statement.id = ANY(%s)
                   AND NOT EXISTS (SELECT FROM aptic_statement AS later WHERE later.carried_from_id = earlier.id)
                """,
                self.company_id.aptic_recover_account_id.id,
                statement_ids,
            )
        )
        return {statement_id: (earlier_id, max(cents, 0)) for statement_id, earlier_id, cents in rows}

    # ---------------------------------------------------------------- approve
    def _refresh_balances(self, statements):
        """Take of what earlier statements have carried over what is still open now: some may be paid back meanwhile.

        What waits for the documents of an earlier statement is left as it is: its own documents wait as well.

        :raise UserError: while the settlement that carries something over is not approved itself
        """
        account = self.company_id.aptic_recover_account_id
        rows = []
        for statement in statements.filtered("carried_from_id"):
            earlier = statement.carried_from_id
            if earlier.state == "draft" and earlier.settlement_id.approved_on:
                continue
            if earlier.state == "draft":
                raise UserError(
                    self.env._(
                        "Statement %(number)s takes over a balance of settlement %(earlier)s: approve that one first.",
                        number=statement.name,
                        earlier=earlier.settlement_id.name,
                    )
                )
            items = earlier._recover_items().filtered(lambda item: item.debit > 0 and item.account_id == account)
            owed = max(0, round(sum(items.mapped("amount_residual")) * 100))
            if owed != statement.carried_in_cents:
                end = reversals.balance(
                    statement.net_cents, statement.correction_cents - statement.correction_fee_cents, owed
                )
                rows.append((statement.id, owed, end.carried, end.due))
        self._fill_statements_columns(("carried_in_cents", "carried_out_cents", "due_cents"), rows)
        statements.invalidate_recordset()

    def _offset_carried(self, statements, day):
        """What these statements carry over is set against what the same providers are still owed."""
        providers = statements.filtered("carried_out_cents").provider_id
        if providers:
            self.env["aptic.statement"]._offset_claims(self.company_id, day, providers)._tell()

    def _ledger_rows(self, statements):
        """Besides, one ``correct`` row for each statement and order that has corrections."""
        result = super()._ledger_rows(statements)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT statement.name, event.order_id, SUM(event.quantity)::bigint, SUM(event.amount_cents)::bigint
                  FROM aptic_statement AS statement
                  JOIN aptic_reversal AS reversal ON reversal.correction_statement_id = statement.id
                  JOIN aptic_event AS event ON event.redemption_id = reversal.redemption_id AND event.kind = 'reverse'
                 WHERE statement.id = ANY(%s)
              GROUP BY statement.id, event.order_id
              ORDER BY statement.id, event.order_id
                """,
                statements.ids,
            )
        )
        self._check_ledger(sum(cents for *_keys, cents in rows), sum(statements.mapped("correction_cents")))
        return result + [self._prepare_ledger_row("correct", *row) for row in rows]
