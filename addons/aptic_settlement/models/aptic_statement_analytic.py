from odoo import api, models
from odoo.tools import SQL

from .. import analysis


class ApticStatement(models.Model):
    """What the accounts of a statement say of territories and sponsors: by the scans, and what each has of the fees."""

    _inherit = "aptic.statement"

    def _analyses(self):
        """The analytic distributions of the entries and documents of statements; accounts that are missing are made.

        :return: ``{statement id: {name: distribution}}``; the names are ``gross``, ``correction``, ``fund``,
            ``contribution`` and, for fees, their rates of VAT in basis points
        """
        taken = self._parts(
            SQL("SELECT statement_id, id AS redemption_id FROM aptic_redemption WHERE statement_id = ANY(%s)", self.ids)
        )
        given_back = self._parts(
            SQL(
                "SELECT correction_statement_id AS statement_id, redemption_id FROM aptic_reversal"
                " WHERE correction_statement_id = ANY(%s)",
                self.ids,
            )
        )
        weights = {statement_id: {} for statement_id in self.ids}

        def weigh(statement_id, name, key, cents):
            sums = weights[statement_id].setdefault(name, {})
            sums[key] = sums.get(key, 0) + cents

        for statement_id, fee, key, face, fee_cents, fund in taken:
            weigh(statement_id, "gross", key, face)
            weigh(statement_id, "fund", key, fund)
            if not fee.sponsor_id:
                weigh(statement_id, str(fee.tax_bp), key, fee_cents)
                weigh(statement_id, "contribution", key, fund if fee.fund_charged_cents else 0)
        for statement_id, _fee, key, face, _fee_cents, fund in given_back:
            weigh(statement_id, "correction", key, face)
            weigh(statement_id, "fund", key, -fund)
        return self._distributions(weights)

    def _distributions(self, weights):
        """Make the weights ``{statement id: {name: {(territory, sponsor): cents}}}`` distributions, in sets."""
        told = {statement_id: {} for statement_id in self.ids}
        for company, statements in self.grouped("company_id").items():
            names = [(statement.id, name) for statement in statements for name in weights.get(statement.id, ())]
            made = company._aptic_distributions([weights[statement_id][name] for statement_id, name in names])
            for (statement_id, name), distribution in zip(names, made, strict=True):
                told[statement_id][name] = distribution
        return told

    def _told_back(self, reversals):
        """What the lines of a credit note are about: ``{rate of VAT in basis points: distribution}``."""
        parts = self._parts(
            SQL("SELECT %s AS statement_id, id AS redemption_id FROM aptic_redemption WHERE id = ANY(%s)",
                self.id, reversals.redemption_id.ids)
        )  # fmt: skip
        weights = self._fee_weights([part for part in parts if not part[1].sponsor_id])
        return dict(zip(weights, self.company_id._aptic_distributions(list(weights.values())), strict=True))

    @api.model
    def _parts(self, source):
        """What scans have of their fees, by territory and sponsor, in one statement.

        A scan paid with vouchers of several sponsors that follow one rule has one share: it is cut by face value, and
        no cent is lost.

        :param source: SQL of ``(statement_id, redemption_id)``: the scans, and what they are added up for
        :return: list of ``(statement id, aptic.statement.fee, (territory id, sponsor id), face value, fee, fund)``
            in cents
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH source AS (%s), part AS (
                         SELECT source.statement_id, share.fee_id, share.redemption_id, ordered.sponsor_id,
                                share.face_cents, share.fee_cents, share.fund_cents,
                                SUM(event.amount_cents)::bigint AS cents
                           FROM source
                           JOIN aptic_fee_share AS share ON share.redemption_id = source.redemption_id
                           JOIN aptic_statement_fee AS fee ON fee.id = share.fee_id
                           JOIN aptic_fee_rule AS rule ON rule.id = fee.rule_id
                           JOIN aptic_event AS event ON event.redemption_id = share.redemption_id
                                                    AND event.kind = 'redeem'
                           JOIN aptic_order AS ordered ON ordered.id = event.order_id
                          WHERE ordered.sponsor_id = COALESCE(fee.sponsor_id, rule.sponsor_id, ordered.sponsor_id)
                            AND (rule.sponsor_id IS NOT NULL OR NOT EXISTS (
                                 SELECT FROM aptic_fee_share AS nearer
                                   JOIN aptic_statement_fee AS own ON own.id = nearer.fee_id
                                   JOIN aptic_fee_rule AS its ON its.id = own.rule_id
                                  WHERE nearer.redemption_id = share.redemption_id
                                    AND its.sponsor_id = ordered.sponsor_id))
                       GROUP BY 1, 2, 3, 4, 5, 6, 7
                     ), cut AS (
                         SELECT *, SUM(cents) OVER (PARTITION BY fee_id, redemption_id ORDER BY sponsor_id)::bigint
                                   AS until
                           FROM part
                     )
              SELECT cut.statement_id, cut.fee_id, redemption.territory_id, cut.sponsor_id, SUM(cents)::bigint,
                     SUM(fee_cents * until / cut.face_cents - fee_cents * (until - cents) / cut.face_cents)::bigint,
                     SUM(fund_cents * until / cut.face_cents - fund_cents * (until - cents) / cut.face_cents)::bigint
                FROM cut
                JOIN aptic_redemption AS redemption ON redemption.id = cut.redemption_id
            GROUP BY 1, 2, 3, 4
            ORDER BY 1, 2, 3, 4
                """,
                source,
            )
        )
        fees = self.env["aptic.statement.fee"].browse({fee_id for _statement, fee_id, *_rest in rows})
        by_id = {fee.id: fee for fee in fees}
        return [
            (statement_id, by_id[fee_id], (territory_id, sponsor_id), face, fee, fund)
            for statement_id, fee_id, territory_id, sponsor_id, face, fee, fund in rows
        ]

    @api.model
    def _fee_weights(self, parts):
        """What fees are about, by rate of VAT, and the funds' share that their sponsors pay.

        :param parts: of :meth:`_parts`
        :return: ``{rate in basis points or "fund": {(territory, sponsor): cents}}``
        """
        rows = {}
        for _statement, fee, key, _face, fee_cents, fund in parts:
            rows.setdefault(fee.tax_bp, []).append((key, fee_cents))
            if fee.fund_charged_cents:
                rows.setdefault("fund", []).append((key, fund))
        return {name: analysis.add(same) for name, same in rows.items()}
