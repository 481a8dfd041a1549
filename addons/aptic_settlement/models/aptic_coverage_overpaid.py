from odoo import models
from odoo.tools import SQL


class ApticCoverage(models.Model):
    """What the bank paid out of more than what is owed: no such debit lessens what is owed to anybody else."""

    _inherit = "aptic.coverage"

    def _with_overpaid(self, owed, overpaid):
        """Take what was paid too much out of what is due to providers: it is a claim, not a smaller debt."""
        return {**owed, "payable": owed["payable"] + overpaid, "overpaid": -overpaid}

    def _overpaid_cents(self):
        """What this proof says was paid out twice or is on its way back."""
        return -sum(self.line_ids.filtered(lambda line: line.kind == "overpaid").mapped("ledger_cents"))

    def _overpaid(self, day, company):
        """Open debits on due to providers and payments in transit at the end of ``day``, in cents.

        A return is open there until the bank's credit; a payment of which the debit waits for the bank as well is
        neither paid nor lost, so that what one payment has in transit is summed up first. On *due to providers* every
        debit pays its own claim: nothing is set against what somebody else is owed, or the same provider otherwise.
        """
        [[cents]] = self.env.execute_query(
            SQL(
                """
                WITH entry AS (
                    SELECT item.id,
                           CASE WHEN item.account_id = %(transit)s
                                THEN COALESCE(payment.aptic_end_to_end, line.aptic_end_to_end, item.name) END AS name,
                           item.balance
                             - COALESCE((SELECT SUM(amount) FROM account_partial_reconcile
                                          WHERE debit_move_id = item.id AND max_date <= %(day)s), 0)
                             + COALESCE((SELECT SUM(amount) FROM account_partial_reconcile
                                          WHERE credit_move_id = item.id AND max_date <= %(day)s), 0) AS residual
                      FROM account_move_line AS item
                      JOIN account_move AS move ON move.id = item.move_id
                 LEFT JOIN account_payment AS payment ON payment.id = move.origin_payment_id
                 LEFT JOIN account_bank_statement_line AS line ON line.id = item.statement_line_id
                     WHERE item.company_id = %(company)s
                       AND item.parent_state = 'posted'
                       AND item.date <= %(day)s
                       AND item.account_id IN (%(payable)s, %(transit)s)
                       AND (item.balance > 0 OR item.account_id = %(transit)s)
                       AND (item.reconciled IS NOT TRUE
                            OR EXISTS (SELECT FROM account_partial_reconcile
                                        WHERE debit_move_id = item.id AND max_date > %(day)s)
                            OR EXISTS (SELECT FROM account_partial_reconcile
                                        WHERE credit_move_id = item.id AND max_date > %(day)s))
                ), payment AS (
                    SELECT SUM(residual) AS residual FROM entry GROUP BY COALESCE(name, id::text)
                )
                SELECT COALESCE(SUM(residual) FILTER (WHERE residual > 0) * 100, 0)::bigint FROM payment
                """,
                company=company.id,
                day=day,
                payable=company.aptic_payable_account_id.id or None,
                transit=company.aptic_transit_account_id.id or None,
            )
        )
        return cents
