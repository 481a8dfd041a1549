from odoo import api, fields, models


class ApticFund(models.Model):
    """The territorial fund for social and digital innovation of one territory (guide: 1 % of what goes through)."""

    _name = "aptic.fund"
    _description = "Territorial fund"
    _order = "territory_id, id"

    name = fields.Char(compute="_compute_name", store=True, precompute=True)
    territory_id = fields.Many2one("aptic.territory", required=True, index=True, ondelete="restrict")
    line_ids = fields.One2many("aptic.fund.line", "fund_id")
    currency_id = fields.Many2one("res.currency", compute="_compute_balance")
    balance = fields.Monetary(compute="_compute_balance")

    _territory_unique = models.Constraint("UNIQUE(territory_id)", "This territory has its fund already.")

    @api.depends("territory_id.name")
    def _compute_name(self):
        for fund in self:
            fund.name = self.env._("Fund of %s", fund.territory_id.name)

    @api.depends("line_ids.amount_cents")
    def _compute_balance(self):
        sums = self.env["aptic.fund.line"]._read_group([("fund_id", "in", self.ids)], ["fund_id"], ["amount_cents:sum"])
        cents = {fund.id: total for fund, total in sums}
        self.currency_id = self.env.company.currency_id
        for fund in self:
            fund.balance = cents.get(fund.id, 0) / 100

    @api.model
    def _of_places(self, territory_ids, level):
        """The funds that receive the shares of places, made when they are missing.

        :param territory_ids: ids of the places' municipalities
        :param level: ``region``, ``department`` or ``country``
        :return: ``{territory id: fund id}``
        """
        places = self.env["aptic.territory"].sudo().browse(territory_ids)
        above = {
            place.id: [int(part) for part in (place.parent_path or f"{place.id}/").split("/") if part]
            for place in places
        }
        ancestors = self.env["aptic.territory"].sudo().browse({node for path in above.values() for node in path})
        kinds = {node.id: node.kind for node in ancestors}

        def receiver(path):
            # Overseas collectivities have no region: the highest territory under the country stands for it.
            own = [node for node in path if kinds[node] == level]
            return (own or [node for node in path if kinds[node] != "country"] or path)[0]

        receivers = {place: receiver(path) for place, path in above.items()}
        wanted = sorted(set(receivers.values()))
        funds = {fund.territory_id.id: fund.id for fund in self.search([("territory_id", "in", wanted)])}
        missing = [node for node in wanted if node not in funds]
        funds.update(zip(missing, self.create([{"territory_id": node} for node in missing]).ids, strict=True))
        return {place: funds[node] for place, node in receivers.items()}
