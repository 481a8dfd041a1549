from datetime import date

from odoo import models
from odoo.tools import SQL

from .. import coverage


class ApticCoverage(models.Model):
    """Where the figures of the proof come from: each source is read apart from the others, in sets."""

    _inherit = "aptic.coverage"

    def _figures(self, day, company, statement):
        """Return the :class:`Figures` of one day; ``statement`` is the bank's last one."""
        self.env.flush_all()
        bank_moves = self._bank_movements(day, company)
        received = self._received(day, company)
        returned = self._returned(day, company)
        overpaid = self._overpaid(day, company)
        return coverage.Figures(
            ledger=self._with_overpaid(self._ledger(day, company, received["bank"], bank_moves, returned), overpaid),
            accounting=self._with_overpaid(self._accounting(day, company, received["any"], returned), overpaid),
            bank=round(statement.balance_end_real * 100),
            book=self._balances(day, company).get(company.aptic_bank_journal_id.default_account_id.id, 0),
            unmatched=bank_moves["unmatched"],
            outflow=bank_moves["outflow"],
            typed=bank_moves["typed"],
            bank_age=(day - statement.aptic_closing_day).days if statement else None,
            bank_proven=not statement or bool(statement._aptic_proven()),
        )

    def _claims(self, day, company):
        """What providers have to give back at the end of ``day``, in cents."""
        statement = self.env["account.bank.statement"]._aptic_last(company.aptic_bank_journal_id, day)
        return coverage.claims(self._figures(day, company, statement))

    # ----------------------------------------------------------------- ledger
    def _ledger(self, day, company, received, bank_moves, returned):
        """What the ledger, the statements and the funds say is owed; the bank says what has left."""
        [[activated, redeemed, reversed_cents, expired, settled, corrected]] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(amount_cents) FILTER (WHERE kind = 'activate'), 0)::bigint,
                       COALESCE(SUM(CASE kind WHEN 'redeem' THEN amount_cents WHEN 'cancel' THEN -amount_cents END), 0)
                                ::bigint,
                       COALESCE(SUM(amount_cents) FILTER (WHERE kind = 'reverse'), 0)::bigint,
                       COALESCE(SUM(CASE kind WHEN 'expire' THEN amount_cents WHEN 'revive' THEN -amount_cents END), 0)
                                ::bigint,
                       COALESCE(SUM(amount_cents) FILTER (WHERE kind = 'settle'), 0)::bigint,
                       COALESCE(SUM(amount_cents) FILTER (WHERE kind = 'correct'), 0)::bigint
                  FROM aptic_event
                 WHERE day <= %s
                   AND kind IN ('activate', 'redeem', 'cancel', 'reverse', 'expire', 'revive', 'settle', 'correct')
                   AND order_id IN (SELECT id FROM aptic_order WHERE company_id = %s)
                """,
                day,
                company.id,
            )
        )
        [[due, carried, fee, fund, claimed, invoiced]] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(due_cents), 0)::bigint,
                       COALESCE(SUM(carried_out_cents - carried_in_cents), 0)::bigint,
                       COALESCE(SUM(fee_cents - correction_fee_cents), 0)::bigint,
                       COALESCE(SUM((SELECT SUM(amount_cents)
                                       FROM aptic_fund_line
                                      WHERE aptic_fund_line.statement_id = statement.id)), 0)::bigint,
                       (SELECT COALESCE(SUM(amount_cents), 0)::bigint FROM aptic_offset
                         WHERE company_id = %(company)s AND day <= %(day)s AND invoice_id IS NULL),
                       (SELECT COALESCE(SUM(amount_cents), 0)::bigint FROM aptic_offset
                         WHERE company_id = %(company)s AND day <= %(day)s AND invoice_id IS NOT NULL)
                  FROM aptic_statement AS statement
                  JOIN aptic_settlement AS settlement ON settlement.id = statement.settlement_id
                 WHERE statement.company_id = %(company)s
                   AND statement.state <> 'draft'
                   AND COALESCE(statement.booked_day,
                                (settlement.approved_on AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris')::date)
                       <= %(day)s
                """,
                company=company.id,
                day=day,
            )
        )
        return {
            "unactivated": received - activated,
            "active": activated - redeemed + reversed_cents - expired,
            "scans_due": redeemed - settled,
            "payable": due - claimed - invoiced + returned["in_transit"] - bank_moves["payable"],
            "fund": fund - bank_moves["fund"],
            "to_return": expired - returned["bank"] - returned["in_transit"] - bank_moves["to_return"],
            "fees_out": fee - fund + invoiced - bank_moves["fees_out"],
            "recover": corrected - reversed_cents - carried + claimed - bank_moves["recover"],
        }

    # ------------------------------------------------------------- accounting
    def _accounting(self, day, company, received, returned):
        """What the accounts hold, as claims on the segregated account."""
        balances = self._balances(day, company)

        def credit(*names):
            return -sum(balances.get(company[f"aptic_{name}_account_id"].id, 0) for name in names)

        return {
            "unactivated": credit("unactivated") - (self._face_claims(day, company) - received),
            "active": credit("funds"),
            "scans_due": credit("scans_due"),
            "payable": credit("payable", "transit"),
            "fund": credit("fund"),
            "to_return": credit("to_return") + returned["claimed"] - returned["any"],
            "fees_out": credit("fees_out"),
            "recover": credit("recover"),
        }

    def _circuit_accounts(self, company):
        names = ("unactivated", "funds", "scans_due", "payable", "transit", "fund", "to_return", "fees_out", "recover")
        return [company[f"aptic_{name}_account_id"].id for name in names if company[f"aptic_{name}_account_id"]]

    def _balances(self, day, company):
        """``{account id: balance in cents}`` of the circuit at the end of the day."""
        accounts = [*self._circuit_accounts(company), company.aptic_bank_journal_id.default_account_id.id]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT account_id, (SUM(balance) * 100)::bigint
                  FROM account_move_line
                 WHERE company_id = %s AND parent_state = 'posted' AND date <= %s AND account_id = ANY(%s)
              GROUP BY account_id
                """,
                company.id,
                day,
                accounts,
            )
        )
        return dict(rows)

    def _return_notes(self, company):
        """SQL: the credit notes of vouchers that were active and not used; what they owe is *to be returned*."""
        return SQL(
            "SELECT return_move_id FROM aptic_order WHERE return_move_id IS NOT NULL AND company_id = %s", company.id
        )

    def _returned(self, day, company):
        """Cents of the credit notes of unused vouchers: what they claim, and what of it the bank has paid, payments pay
        that are the bank's to book, and anything pays."""
        [[claimed, bank, in_transit, anyhow]] = self.env.execute_query(
            SQL(
                """
                WITH note AS (
                    SELECT item.id, item.balance
                      FROM account_move_line AS item
                      JOIN account_account AS account ON account.id = item.account_id
                     WHERE item.move_id IN (%(notes)s)
                       AND item.parent_state = 'posted'
                       AND item.date <= %(day)s
                       AND account.account_type = 'asset_receivable'
                ), payment AS (
                    SELECT partial.amount,
                           COALESCE(line.aptic_from_bank AND line.journal_id = %(bank)s, FALSE) AS from_bank,
                           move.origin_payment_id IS NOT NULL AND paid.journal_id = %(bank)s AS is_payment
                      FROM account_partial_reconcile AS partial
                      JOIN note ON note.id = partial.credit_move_id
                      JOIN account_move_line AS paid ON paid.id = partial.debit_move_id
                      JOIN account_move AS move ON move.id = paid.move_id
                 LEFT JOIN account_bank_statement_line AS line ON line.id = paid.statement_line_id
                     WHERE partial.max_date <= %(day)s
                )
                SELECT (SELECT COALESCE(-SUM(balance) * 100, 0)::bigint FROM note),
                       COALESCE(SUM(amount) FILTER (WHERE from_bank) * 100, 0)::bigint,
                       COALESCE(SUM(amount) FILTER (WHERE is_payment) * 100, 0)::bigint,
                       COALESCE(SUM(amount) * 100, 0)::bigint
                  FROM payment
                """,
                notes=self._return_notes(company),
                bank=company.aptic_bank_journal_id.id,
                day=day,
            )
        )
        return {"claimed": claimed, "bank": bank, "in_transit": in_transit, "any": anyhow}

    def _face_claims(self, day, company):
        """Cents invoiced as face value, less credit notes of what was never activated, whether paid or not."""
        [[cents]] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(item.balance) * 100, 0)::bigint
                  FROM account_move_line AS item
                  JOIN account_account AS account ON account.id = item.account_id
                 WHERE item.journal_id = %s
                   AND item.parent_state = 'posted'
                   AND item.date <= %s
                   AND account.account_type = 'asset_receivable'
                   AND item.move_id NOT IN (%s)
                """,
                company.aptic_face_journal_id.id,
                day,
                self._return_notes(company),
            )
        )
        return cents

    def _received(self, day, company, after=None):
        """Cents that pay face value documents: by lines of the bank's files, and by whatever else.

        :param after: what was paid until that day does not count
        """
        [[bank, other]] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(amount) FILTER (WHERE from_bank) * 100, 0)::bigint,
                       COALESCE(SUM(amount) * 100, 0)::bigint
                  FROM (
                        SELECT CASE WHEN claim.journal_id = %(face)s THEN partial.amount ELSE -partial.amount END
                               AS amount,
                               COALESCE(line.aptic_from_bank AND line.journal_id = %(bank)s, FALSE) AS from_bank
                          FROM account_partial_reconcile AS partial
                          JOIN account_move_line AS claim ON claim.id = partial.debit_move_id
                          JOIN account_move_line AS paid ON paid.id = partial.credit_move_id
                     LEFT JOIN account_bank_statement_line AS line
                            ON line.id = CASE WHEN claim.journal_id = %(face)s
                                              THEN paid.statement_line_id ELSE claim.statement_line_id END
                         WHERE (claim.journal_id = %(face)s) <> (paid.journal_id = %(face)s)
                           AND partial.max_date <= %(day)s
                           AND partial.max_date > %(after)s
                           AND paid.move_id NOT IN (%(notes)s)
                       ) AS payments
                """,
                notes=self._return_notes(company),
                face=company.aptic_face_journal_id.id,
                bank=company.aptic_bank_journal_id.id,
                day=day,
                after=after or date.min,
            )
        )
        return {"bank": bank, "any": other}

    # ------------------------------------------------------------------- bank
    def _bank_movements(self, day, company):
        """What the lines of the bank's files did to the circuit, and what nobody has explained."""
        groups = self.env.execute_query(
            SQL(
                """
                SELECT account_id, SUM(balance) FILTER (WHERE from_bank) * 100, SUM(typed) * 100,
                       SUM(GREATEST(-balance - matched, 0)) FILTER (WHERE from_bank) * 100,
                       SUM(LEAST(-balance - matched, 0)) FILTER (WHERE from_bank) * 100
                  FROM (
                        SELECT item.account_id, item.balance, COALESCE(line.aptic_from_bank, FALSE) AS from_bank,
                               CASE WHEN line.aptic_from_bank THEN 0 ELSE item.balance END AS typed,
                               COALESCE((SELECT SUM(partial.amount)
                                           FROM account_partial_reconcile AS partial
                                           JOIN account_move_line AS claim ON claim.id = partial.debit_move_id
                                          WHERE partial.credit_move_id = item.id
                                            AND claim.journal_id IN (%(face)s, %(bank)s)), 0)
                             - COALESCE((SELECT SUM(partial.amount)
                                           FROM account_partial_reconcile AS partial
                                           JOIN account_move_line AS refund ON refund.id = partial.credit_move_id
                                          WHERE partial.debit_move_id = item.id
                                            AND refund.journal_id IN (%(face)s, %(bank)s)), 0)
                               AS matched
                          FROM account_bank_statement_line AS line
                          JOIN account_move_line AS item ON item.move_id = line.move_id
                         WHERE line.journal_id = %(bank)s
                           AND item.parent_state = 'posted'
                           AND item.date <= %(day)s
                       ) AS movements
              GROUP BY account_id
                """,
                face=company.aptic_face_journal_id.id,
                bank=company.aptic_bank_journal_id.id,
                day=day,
            )
        )
        liquidity = company.aptic_bank_journal_id.default_account_id.id
        circuit = set(self._circuit_accounts(company))
        moved = {account: int(balance or 0) for account, balance, *_rest in groups}
        strange = [group for group in groups if group[0] != liquidity and group[0] not in circuit]
        return {
            "payable": sum(moved.get(company[f"aptic_{name}_account_id"].id, 0) for name in ("payable", "transit")),
            **{
                name: moved.get(company[f"aptic_{name}_account_id"].id, 0)
                for name in ("fund", "to_return", "fees_out", "recover")
            },
            "unmatched": sum(int(group[3] or 0) for group in strange),
            "outflow": -sum(int(group[4] or 0) for group in strange),
            "typed": sum(int(group[2] or 0) for group in groups if group[0] == liquidity),
        }
