from odoo import fields, models
from odoo.fields import Domain

from .. import analysis

PLANS = ("aptic_territory_plan_id", "aptic_sponsor_plan_id")


class ResCompany(models.Model):
    """The analysis of what we book: by the territory of the place, and by sponsor, each in a plan of its own."""

    _inherit = "res.company"

    aptic_analysis = fields.Boolean(
        string="Analysis by territory and sponsor",
        default=True,
        help="Entries that are made from now on say which territory and which sponsor they are about.",
    )
    aptic_territory_plan_id = fields.Many2one(
        "account.analytic.plan", string="Plan of the territories", domain=[("parent_id", "=", False)]
    )
    aptic_sponsor_plan_id = fields.Many2one(
        "account.analytic.plan", string="Plan of the sponsors", domain=[("parent_id", "=", False)]
    )
    aptic_analysis_level = fields.Selection(
        [("region", "Region"), ("department", "Department"), ("country", "Country")],
        string="Level of the territories",
        required=True,
        default="region",
        help="One account for each territory of this level, by the place where the vouchers were taken.",
    )

    _aptic_two_plans = models.Constraint(
        "CHECK(aptic_territory_plan_id <> aptic_sponsor_plan_id)",
        "Territories and sponsors are analysed in two plans.",
    )

    def _aptic_levels(self, territory_ids):
        """``{territory id: id of the territory of the company's level}``."""
        return self.env["aptic.territory"].browse(territory_ids)._at_level(self.aptic_analysis_level)

    def _aptic_distributions(self, weights_list):
        """What lines are about, as Odoo keeps it; accounts that are missing are made, whatever the number of lines.

        :param weights_list: for each line ``{(territory id or None, sponsor id or None): cents}``
        :return: list of dicts for ``analytic_distribution``, empty where there is nothing to say
        """
        self.ensure_one()
        if not self.aptic_analysis:
            return [{} for _weights in weights_list]
        keys = {key for weights in weights_list for key in weights}
        levels = self._aptic_levels({territory for territory, _sponsor in keys if territory})
        accounts = [
            self._aptic_accounts("aptic_territory_plan_id", "aptic_territory_id", set(levels.values())),
            self._aptic_accounts("aptic_sponsor_plan_id", "aptic_sponsor_id", {sponsor for _town, sponsor in keys}),
        ]

        def told(territory, sponsor):
            found = (accounts[0].get(levels.get(territory)), accounts[1].get(sponsor))
            return ",".join(str(account) for account in found if account)

        return [
            {
                key: share
                for key, share in analysis.percentages(
                    analysis.add([(told(*key), cents) for key, cents in weights.items()])
                ).items()
                if key
            }
            for weights in weights_list
        ]

    def _aptic_accounts(self, plan, field, ids):
        accounts = self.env["account.analytic.account"]
        records = self.env[accounts._fields[field].comodel_name].browse(sorted(filter(None, ids)))
        return accounts._aptic_of(self[plan], field, records) if self[plan] and records else {}

    def action_aptic_analysis(self):
        """Menu: what was booked, by account, territory and sponsor."""
        plans = [(field, self[field].sudo()._column_name()) for field in PLANS if self[field]]
        action = self.env["ir.actions.act_window"]._for_xml_id("aptic_settlement.aptic_analysis_action")
        columns = [column for _field, column in plans]
        return {
            **action,
            "domain": list(
                Domain("company_id", "in", self.env.companies.ids)
                & Domain.OR([Domain(column, "!=", False) for column in columns])
            ),
            "context": {
                "pivot_row_groupby": ["general_account_id"],
                "pivot_column_groupby": columns[:1],
                "pivot_measures": ["amount"],
                "graph_groupbys": columns[:1],
                "create": False,
            },
        }
