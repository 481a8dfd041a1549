from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from .. import fees
from .aptic_fee_rule import NEAREST_FIRST
from .aptic_settlement import STATEMENT_COLUMNS

FEE_COLUMNS = (
    "statement_id", "rule_id", "sponsor_id", "kind", "rate_bp", "tax_bp", "gross_cents", "fee_cents", "tax_cents",
    "fund_cents", "fund_charged_cents",
)  # fmt: skip
PART_COLUMNS = ("fee_id", "territory_id", "fund_id", "fund_cents", "base_cents")


class ApticSettlement(models.Model):
    """Which rule each scan follows, what the rules make of a month, and the share of each scan in it: in sets."""

    _inherit = "aptic.settlement"

    fee_rule_ids = fields.Many2many("aptic.fee.rule", string="Fee rules", compute="_compute_fee_rule_ids")

    @api.depends("statement_ids.fee_ids.rule_id")
    def _compute_fee_rule_ids(self):
        rows = self.env["aptic.statement.fee"]._read_group(
            [("statement_id.settlement_id", "in", self.ids)], ["statement_id.settlement_id"], ["rule_id:recordset"]
        )
        rules = {settlement.id: used for settlement, used in rows}
        for settlement in self:
            settlement.fee_rule_ids = rules.get(settlement.id)

    # ------------------------------------------------------------------- fill
    def _fill_statements(self, statement_ids):
        """Write what the rules make of the redemptions just taken: fees, shares, funds and sums of the statements.

        Amounts are made for each document, statement or sponsor's invoice, by :mod:`..fees`; choosing the rules and
        cutting the shares is one statement of SQL each, whatever the number of scans.
        """
        self._choose_rules(statement_ids)
        bases = self._bases()
        rules = self.env["aptic.fee.rule"].browse({rule_id for _statement, rule_id, _sponsor in bases})
        amounts = self._amounts(bases, {rule.id: rule._plain() for rule in rules})
        fee_ids = self._insert_fees(amounts, {rule.id: rule for rule in rules})
        parts, fund_lines = self._fund_parts(bases, amounts, fee_ids, rules)
        self._insert_shares(parts)
        self._sum_up(statement_ids, amounts)
        self._insert_fund_lines(fund_lines)

    def _choose_rules(self, statement_ids):
        """Find the rule of each part of a redemption: by the vouchers' sponsor, the place and the month of receipt.

        A temporary table ``aptic_fee_choice`` holds them; a part has a sponsor only where the sponsor pays.

        :raise UserError: where no rule is in force
        """
        self.env.cr.execute("DROP TABLE IF EXISTS aptic_fee_choice")
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMPORARY TABLE aptic_fee_choice ON COMMIT DROP AS
                WITH part AS (
                         SELECT redemption.statement_id, redemption.id AS redemption_id, redemption.territory_id,
                                date_trunc('month', redemption.day)::date AS month, ordered.sponsor_id,
                                event.amount_cents
                           FROM aptic_redemption AS redemption
                           JOIN aptic_event AS event ON event.redemption_id = redemption.id AND event.kind = 'redeem'
                           JOIN aptic_order AS ordered ON ordered.id = event.order_id
                          WHERE redemption.statement_id = ANY(%(statements)s)
                     ), chosen AS (
                         SELECT asked.sponsor_id, asked.territory_id, asked.month, rule.id AS rule_id, rule.payer
                           FROM (SELECT DISTINCT sponsor_id, territory_id, month FROM part) AS asked
                           JOIN aptic_territory AS town ON town.id = asked.territory_id
              LEFT JOIN LATERAL (
                                 SELECT candidate.id, candidate.payer
                                   FROM aptic_fee_rule AS candidate
                              LEFT JOIN aptic_territory AS area ON area.id = candidate.territory_id
                                  WHERE candidate.date_from <= asked.month
                                    AND COALESCE(candidate.date_to, 'infinity') >= asked.month
                                    AND COALESCE(candidate.sponsor_id, asked.sponsor_id) = asked.sponsor_id
                                    AND (area.id IS NULL OR area.id = town.epci_id
                                         OR starts_with(town.parent_path, area.parent_path))
                               ORDER BY candidate.sponsor_id IS NULL, array_position(%(nearest)s, area.kind)
                                  LIMIT 1
                                ) AS rule ON TRUE
                     )
              SELECT part.statement_id, part.redemption_id, part.territory_id, part.month, chosen.rule_id,
                     CASE chosen.payer WHEN 'sponsor' THEN part.sponsor_id END AS sponsor_id,
                     SUM(part.amount_cents)::bigint AS face_cents
                FROM part
                JOIN chosen USING (sponsor_id, territory_id, month)
            GROUP BY 1, 2, 3, 4, 5, 6
                """,
                statements=statement_ids,
                nearest=list(NEAREST_FIRST),
            )
        )
        without = self.env.execute_query(
            SQL("SELECT month, territory_id FROM aptic_fee_choice WHERE rule_id IS NULL ORDER BY 1, 2 LIMIT 1")
        )
        for month, territory_id in without:
            raise UserError(
                self.env._(
                    "No fee rule is in force on %(day)s for scans at %(place)s: add one under #APTIC, Configuration, "
                    "Fee rules.",
                    day=format_date(self.env, month),
                    place=self.env["aptic.territory"].browse(territory_id).name,
                )
            )

    def _bases(self):
        """Face value by ``(statement id, rule id, sponsor id or None)`` and by territory, in cents."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT statement_id, rule_id, sponsor_id, territory_id, SUM(face_cents)::bigint
                  FROM aptic_fee_choice
              GROUP BY 1, 2, 3, 4
              ORDER BY 1, 2, 3 NULLS FIRST, 4
                """
            )
        )
        bases = {}
        for *key, territory_id, cents in rows:
            bases.setdefault(tuple(key), {})[territory_id] = cents
        return bases

    def _amounts(self, bases, plain):
        """What the rules make of each basis.

        :param plain: ``{rule id: fees.Rule}``
        :return: ``{key: fees.Split}``
        """
        documents = {}
        for statement_id, rule_id, sponsor_id in bases:
            document = ("sponsor", sponsor_id) if sponsor_id else ("statement", statement_id)
            documents.setdefault(document, {}).setdefault(rule_id, []).append((statement_id, rule_id, sponsor_id))
        amounts = {}
        for parts in documents.values():
            grosses = {rule_id: [sum(bases[key].values()) for key in keys] for rule_id, keys in parts.items()}
            wholes = fees.document([(sum(grosses[rule_id]), plain[rule_id]) for rule_id in parts])
            for (rule_id, keys), whole in zip(parts.items(), wholes, strict=True):
                cuts = fees.cut(whole, grosses[rule_id])
                for key, gross, (fee, tax) in zip(keys, grosses[rule_id], cuts, strict=True):
                    own = fees.split(gross, plain[rule_id])
                    withheld = (fee if plain[rule_id].payer == "provider" else 0) + own.contribution
                    amounts[key] = fees.Split(gross, fee, tax, withheld, gross - withheld, own.fund)
        return amounts

    # ----------------------------------------------------------------- insert
    def _insert_fees(self, amounts, rules):
        """Freeze the amounts; return ``{key: id of the row}``."""
        rows = []
        for (statement_id, rule_id, sponsor_id), split in amounts.items():
            rule = rules[rule_id]
            rows.append(
                (
                    statement_id, rule_id, sponsor_id, fees.kind(split.gross, rule._plain()), rule.rate_bp, rule.tax_bp,
                    split.gross, split.fee, split.tax, split.fund, split.fund if rule.fund_payer != "operator" else 0,
                )
            )  # fmt: skip
        if not rows:
            return {}
        inserted = self.env.cr.execute_values(
            f"INSERT INTO aptic_statement_fee ({', '.join(FEE_COLUMNS)}) VALUES %s"  # pylint: disable=sql-injection
            " RETURNING statement_id, rule_id, sponsor_id, id",
            rows,
            page_size=len(rows),
            fetch=True,
        )
        return {tuple(key): fee_id for *key, fee_id in inserted}

    def _fund_parts(self, bases, amounts, fee_ids, rules):
        """What each fund receives of each fee.

        :return: rows of :data:`PART_COLUMNS`, and rows of the funds' lines
        """
        funds = {
            level: self.env["aptic.fund"]._of_places(
                {town for key, towns in bases.items() if key[1] in same.ids for town in towns}, level
            )
            for level, same in rules.grouped("fund_level").items()
        }
        levels = {rule.id: rule.fund_level for rule in rules}
        parts, lines = [], {}
        for key, towns in bases.items():
            of_town = funds[levels[key[1]]]
            by_fund = {}
            for town, cents in towns.items():
                by_fund[of_town[town]] = by_fund.get(of_town[town], 0) + cents
            ordered = sorted(by_fund.items())
            brought = fees.shares(amounts[key].fund, [base for _fund, base in ordered])
            received = {fund: part for (fund, _base), part in zip(ordered, brought, strict=True)}
            parts += [
                (fee_ids[key], town, of_town[town], received[of_town[town]], by_fund[of_town[town]]) for town in towns
            ]
            for fund, base in ordered:
                line = lines.setdefault((fund, key[0]), [0, 0])
                line[0] += base
                line[1] += received[fund]
        return parts, [(fund, statement, base, cents, False) for (fund, statement), (base, cents) in lines.items()]

    def _insert_shares(self, parts):
        """Give each scan its share of its fees and of what its funds receive: largest remainder, first scan first."""
        if not parts:
            return
        self.env.cr.execute("DROP TABLE IF EXISTS aptic_fee_part")
        self.env.cr.execute(
            "CREATE TEMPORARY TABLE aptic_fee_part (fee_id int, territory_id int, fund_id int, fund_cents bigint,"
            " base_cents bigint) ON COMMIT DROP"
        )
        self.env.cr.execute_values(
            f"INSERT INTO aptic_fee_part ({', '.join(PART_COLUMNS)}) VALUES %s",  # pylint: disable=sql-injection
            parts,
            page_size=len(parts),
        )
        self.env.cr.execute(
            """
            INSERT INTO aptic_fee_share (fee_id, redemption_id, face_cents, fee_cents, fund_id, fund_cents)
                 SELECT fee_id, redemption_id, face_cents,
                        fee_floor + CASE WHEN ROW_NUMBER() OVER by_fee <= fee_cents - fee_floors THEN 1 ELSE 0 END,
                        fund_id,
                        fund_floor + CASE WHEN ROW_NUMBER() OVER by_fund <= fund_cents - fund_floors THEN 1 ELSE 0 END
                   FROM (
                         SELECT *, SUM(fee_floor) OVER (PARTITION BY fee_id) AS fee_floors,
                                SUM(fund_floor) OVER (PARTITION BY fee_id, fund_id) AS fund_floors
                           FROM (
                                 SELECT fee.id AS fee_id, choice.redemption_id, choice.face_cents, fee.fee_cents,
                                        part.fund_id, part.fund_cents,
                                        fee.fee_cents * choice.face_cents / fee.gross_cents AS fee_floor,
                                        fee.fee_cents * choice.face_cents % fee.gross_cents AS fee_rest,
                                        part.fund_cents * choice.face_cents / part.base_cents AS fund_floor,
                                        part.fund_cents * choice.face_cents % part.base_cents AS fund_rest
                                   FROM aptic_fee_choice AS choice
                                   JOIN aptic_statement_fee AS fee ON fee.statement_id = choice.statement_id
                                                                  AND fee.rule_id = choice.rule_id
                                                                  AND COALESCE(fee.sponsor_id, 0)
                                                                    = COALESCE(choice.sponsor_id, 0)
                                   JOIN aptic_fee_part AS part ON part.fee_id = fee.id
                                                              AND part.territory_id = choice.territory_id
                                ) AS floors
                        ) AS summed
                 WINDOW by_fee AS (PARTITION BY fee_id ORDER BY fee_rest DESC, redemption_id),
                        by_fund AS (PARTITION BY fee_id, fund_id ORDER BY fund_rest DESC, redemption_id)
            """
        )

    def _sum_up(self, statement_ids, amounts):
        """Write the sums of the statements; what sponsors pay is not withheld."""
        counts = self.env.execute_query(
            SQL(
                """
                SELECT statement_id, COUNT(*), SUM(voucher_count)::bigint, SUM(face_cents)::bigint
                  FROM aptic_redemption
                 WHERE statement_id = ANY(%s)
              GROUP BY statement_id
                """,
                statement_ids,
            )
        )
        totals = {}
        for (statement_id, _rule_id, _sponsor_id), split in amounts.items():
            total = totals.setdefault(statement_id, [0, 0, 0])
            total[0] += split.withheld
            total[1] += split.tax if split.withheld else 0
            total[2] += split.fund
        rows = []
        for statement_id, count, vouchers, gross in counts:
            withheld, tax, fund = totals.get(statement_id, (0, 0, 0))
            net = gross - withheld
            rows.append((statement_id, count, vouchers, gross, withheld, tax, net, net, fund))
        self._fill_statements_columns(STATEMENT_COLUMNS, rows)
