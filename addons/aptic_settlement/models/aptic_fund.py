from odoo import api, fields, models
from odoo.addons.aptic_base.cents import Cents
from odoo.exceptions import UserError
from odoo.tools import SQL


class ApticFund(models.Model):
    """The territorial fund for social and digital innovation of one territory (guide: 1 % of what goes through)."""

    _name = "aptic.fund"
    _description = "Territorial fund"
    _order = "territory_id, id"
    _rec_names_search = ("territory_id.name", "territory_id.code")

    name = fields.Char(compute="_compute_name")
    territory_id = fields.Many2one("aptic.territory", required=True, index=True, ondelete="restrict")
    line_ids = fields.One2many("aptic.fund.line", "fund_id")
    grant_ids = fields.One2many("aptic.fund.grant", "fund_id", string="Grants", readonly=True)
    granted_cents = Cents(
        required=True, readonly=True, default=0, help="Sum of the grants decided, in cents; each decision adds to it."
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    received = fields.Monetary(compute="_compute_balance", help="By approved settlements, less corrections.")
    granted = fields.Monetary(compute="_compute_balance", help="Decided, paid or not.")
    balance = fields.Monetary(compute="_compute_balance", help="What can still be granted.")

    _territory_unique = models.Constraint("UNIQUE(territory_id)", "This territory has its fund already.")
    _granted_sane = models.Constraint("CHECK(granted_cents >= 0)", "Grants are not negative.")

    @api.depends("territory_id.name")
    @api.depends_context("lang")
    def _compute_name(self):
        for fund in self:
            fund.name = self.env._("Fund of %s", fund.territory_id.name)

    @api.depends_context("company")
    def _compute_currency_id(self):
        self.currency_id = self.env.company.currency_id

    @api.depends("line_ids.amount_cents", "granted_cents")
    def _compute_balance(self):
        received = self._received_cents()
        for fund in self:
            fund.received = received.get(fund.id, 0) / 100
            fund.granted = fund.granted_cents / 100
            fund.balance = (received.get(fund.id, 0) - fund.granted_cents) / 100

    def _received_cents(self):
        """What approved settlements have brought, less what corrections took back: ``{fund id: cents}``."""
        sums = (
            self.env["aptic.fund.line"]
            .sudo()
            ._read_group(
                [("fund_id", "in", self.ids), ("statement_id.state", "!=", "draft")],
                ["fund_id"],
                ["amount_cents:sum"],
            )
        )
        return {fund.id: int(cents) for fund, cents in sums}

    def _spend(self, cents):
        """Take a grant out of what the fund holds.

        Two decisions at once change the same row: PostgreSQL lets one of them be played again, after the other.

        :param cents: above zero
        :raise UserError: when the fund holds less
        """
        self.ensure_one()
        self.flush_recordset()
        self.env.cr.execute(
            SQL("UPDATE aptic_fund SET granted_cents = granted_cents + %s WHERE id = %s", cents, self.id),
            log_exceptions=False,
        )
        self.invalidate_recordset()
        left = self._received_cents().get(self.id, 0) - self.granted_cents
        if left < 0:
            raise UserError(
                self.env._(
                    "%(fund)s holds %(held)s: a grant cannot be more. Approved settlements bring more each month.",
                    fund=self.name,
                    held=self.currency_id.format((left + cents) / 100),
                )
            )

    @api.model
    def _of_places(self, territory_ids, level):
        """The funds that receive the shares of places, made when they are missing.

        :param territory_ids: ids of the places' municipalities
        :param level: ``region``, ``department`` or ``country``
        :return: ``{territory id: fund id}``
        """
        receivers = self.env["aptic.territory"].browse(territory_ids)._at_level(level)
        wanted = sorted(set(receivers.values()))
        funds = {fund.territory_id.id: fund.id for fund in self.search([("territory_id", "in", wanted)])}
        missing = [node for node in wanted if node not in funds]
        funds.update(zip(missing, self.create([{"territory_id": node} for node in missing]).ids, strict=True))
        return {place: funds[node] for place, node in receivers.items()}
