from datetime import date

from odoo import api, models
from odoo.addons.aptic_base.import_files import csv_bytes
from odoo.addons.aptic_voucher import clock
from odoo.tools import SQL, format_date

from .. import fund_pdf


class ApticFund(models.Model):
    """The yearly statement of a fund: what it had, what came in and what was granted, from the facts."""

    _inherit = "aptic.fund"

    def _movements(self, until=None):
        """All that changed the fund, in the order of days: one line a settlement and direction, one a grant.

        The day is the accounting day. A settlement of which a lock date moved some statements has a line for each day.

        :param until: last day, inclusive
        :return: list of dicts ``day, kind, name, base_cents, cents``; kind is ``settlement``, ``correction`` or
            ``grant``
        """
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT * FROM (
                    SELECT COALESCE(statement.booked_day,
                                    (settlement.approved_on AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris')::date)
                           AS day,
                           CASE WHEN line.is_correction THEN 'correction' ELSE 'settlement' END AS kind,
                           settlement.name, SUM(line.base_cents)::bigint AS base_cents,
                           SUM(line.amount_cents)::bigint AS cents
                      FROM aptic_fund_line AS line
                      JOIN aptic_statement AS statement ON statement.id = line.statement_id
                      JOIN aptic_settlement AS settlement ON settlement.id = statement.settlement_id
                     WHERE line.fund_id = %(fund)s AND statement.state <> 'draft'
                  GROUP BY 1, settlement.id, line.is_correction
                     UNION ALL
                    SELECT day, 'grant', name || ' ' || title, 0, -granted_cents
                      FROM aptic_fund_grant
                     WHERE fund_id = %(fund)s AND state = 'granted'
                ) AS movement
                 WHERE day <= %(until)s
              ORDER BY day, kind DESC, name
                """,
                fund=self.id,
                until=until or "infinity",
            )
        )
        return rows

    def _years(self):
        """The years in which something changed the fund, the latest first."""
        return sorted({movement["day"].year for movement in self._movements()}, reverse=True)

    def _year(self, year):
        """The statement of a year.

        :return: dict ``opening, received, taken_back, granted, closing`` (cents) and ``movements``, each with its
            ``balance_cents``
        """
        first, last = date(year, 1, 1), date(year, 12, 31)
        movements = self._movements(last)
        opening = sum(movement["cents"] for movement in movements if movement["day"] < first)
        own = [movement for movement in movements if movement["day"] >= first]
        sums = dict.fromkeys(("settlement", "correction", "grant"), 0)
        balance = opening
        for movement in own:
            sums[movement["kind"]] += movement["cents"]
            balance += movement["cents"]
            movement["balance_cents"] = balance
        return {
            "opening": opening,
            "received": sums["settlement"],
            "taken_back": -sums["correction"],
            "granted": -sums["grant"],
            "closing": balance,
            "movements": own,
        }

    # ------------------------------------------------------------------ papers
    def _movement_label(self, movement):
        if movement["kind"] == "grant":
            return self.env._("Grant %s", movement["name"])
        if movement["kind"] == "correction":
            return self.env._("Corrections of settlement %s", movement["name"])
        return self.env._("Share of settlement %s", movement["name"])

    def _year_csv(self, year):
        """The statement of a year as a table, as French spreadsheets read it; bytes."""
        return csv_bytes(self._year_rows(year))

    def _year_rows(self, year):
        statement = self._year(year)
        yield [
            self.env._("Day"), self.env._("What"), self.env._("Face value"), self.env._("Amount"),
            self.env._("Balance"),
        ]  # fmt: skip
        yield [date(year, 1, 1).isoformat(), self.env._("Balance before"), "", "", statement["opening"] / 100]
        for movement in statement["movements"]:
            yield [
                movement["day"].isoformat(), self._movement_label(movement), movement["base_cents"] / 100,
                movement["cents"] / 100, movement["balance_cents"] / 100,
            ]  # fmt: skip
        yield [date(year, 12, 31).isoformat(), self.env._("Balance after"), "", "", statement["closing"] / 100]

    def _year_pdf(self, year):
        """The statement of a year on paper; bytes."""
        statement, money = self._year(year), self.currency_id.format
        company = self.env.company
        return fund_pdf.draw(
            fund_pdf.Paper(
                title=self.env._("Statement of the year %s", year),
                fund=self.name,
                sender=[company.name, company.street or "", f"{company.zip or ''} {company.city or ''}".strip()],
                intro=self.env._(
                    "1 % of what goes through #APTIC supports social and digital innovation in the territories. This "
                    "statement follows the fund from the settlements that were approved and the grants that were "
                    "decided."
                ),
                totals=[
                    (self.env._("Balance before"), money(statement["opening"] / 100)),
                    (self.env._("Brought by settlements"), money(statement["received"] / 100)),
                    (self.env._("Taken back by corrections"), money(-statement["taken_back"] / 100)),
                    (self.env._("Granted"), money(-statement["granted"] / 100)),
                    (self.env._("Balance after"), money(statement["closing"] / 100)),
                ],
                headers=(self.env._("Day"), self.env._("What"), self.env._("Amount"), self.env._("Balance")),
                rows=[
                    (
                        format_date(self.env, movement["day"]),
                        self._movement_label(movement),
                        money(movement["cents"] / 100),
                        money(movement["balance_cents"] / 100),
                    )
                    for movement in statement["movements"]
                ],
                page=self.env._("Page {page} of {pages}"),
            )
        )

    def _year_name(self, year, extension):
        """The name of a file of the statement of a year."""
        return f"fonds-{self.territory_id.code}-{year}.{extension}"

    # ------------------------------------------------------------------ public
    @api.model
    def _public(self):
        """What anyone may know of the funds (sudo): the funds themselves, open calls and grants, the latest first."""
        funds = self.sudo().search([("line_ids", "!=", False)]).sorted(lambda fund: fund.territory_id.name)
        grants = self.env["aptic.fund.grant"].sudo()
        return {
            "funds": funds,
            "calls": self.env["aptic.fund.call"]._open_now(),
            "grants": grants.search([("state", "=", "granted")], order="day desc, id desc", limit=100),
        }

    def action_open_year(self):
        """Button: the statement of the running year, or of the last one that has something."""
        self.ensure_one()
        years = self._years()
        year = years[0] if years else clock.today().year
        return {"type": "ir.actions.act_url", "url": f"/aptic/fonds/{self.id}/{year}.pdf", "target": "download"}
