"""Statements from before there were several rules: the rule of their settlement, and the shares of their scans."""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL
from odoo.tools.sql import column_exists


def migrate(cr, version):
    """Freeze what the one rule of each settlement made of its statements."""
    if not column_exists(cr, "aptic_settlement", "fee_rule_id"):
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    cr.execute(
        """
        INSERT INTO aptic_statement_fee (
               statement_id, rule_id, kind, rate_bp, tax_bp, gross_cents, fee_cents, tax_cents, fund_cents,
               fund_charged_cents)
        SELECT statement.id, rule.id, 'rate', rule.rate_bp, rule.tax_bp, statement.gross_cents, statement.fee_cents,
               statement.tax_cents, statement.fund_cents, 0
          FROM aptic_statement AS statement
          JOIN aptic_settlement AS settlement ON settlement.id = statement.settlement_id
          JOIN aptic_fee_rule AS rule ON rule.id = settlement.fee_rule_id
         WHERE statement.gross_cents > 0
           AND NOT EXISTS (SELECT FROM aptic_statement_fee AS fee WHERE fee.statement_id = statement.id)
        """
    )
    cr.execute("DROP TABLE IF EXISTS aptic_fee_choice")
    cr.execute(
        """
        CREATE TEMPORARY TABLE aptic_fee_choice ON COMMIT DROP AS
        SELECT redemption.statement_id, redemption.id AS redemption_id, redemption.territory_id, fee.id AS fee_id,
               fee.rule_id, NULL::integer AS sponsor_id, redemption.face_cents::bigint AS face_cents
          FROM aptic_redemption AS redemption
          JOIN aptic_statement_fee AS fee ON fee.statement_id = redemption.statement_id
         WHERE NOT EXISTS (SELECT FROM aptic_fee_share AS share WHERE share.fee_id = fee.id)
        """
    )
    parts = []
    for rule in env["aptic.fee.rule"].search([]):
        rows = env.execute_query(
            SQL("SELECT DISTINCT fee_id, statement_id, territory_id FROM aptic_fee_choice WHERE rule_id = %s", rule.id)
        )
        funds = env["aptic.fund"]._of_places({town for _fee, _statement, town in rows}, rule.fund_level)
        statements = env["aptic.statement"].browse({statement for _fee, statement, _town in rows})
        brought = {
            (line.statement_id.id, line.fund_id.id): (line.amount_cents, line.base_cents)
            for line in statements.fund_line_ids.filtered(lambda line: not line.is_correction)
        }
        parts += [(fee, town, funds[town], *brought[statement, funds[town]]) for fee, statement, town in rows]
    env["aptic.settlement"]._insert_shares(parts)
