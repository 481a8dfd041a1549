from odoo import api, fields, models


class AccountAnalyticAccount(models.Model):
    """The accounts of the analysis: one for each territory and one for each sponsor, made when they are needed."""

    _inherit = "account.analytic.account"

    aptic_territory_id = fields.Many2one(
        "aptic.territory", string="#APTIC territory", index="btree_not_null", readonly=True, ondelete="restrict"
    )
    aptic_sponsor_id = fields.Many2one(
        "aptic.sponsor", string="#APTIC sponsor", index="btree_not_null", readonly=True, ondelete="restrict"
    )

    _aptic_territory_once = models.UniqueIndex(
        "(plan_id, aptic_territory_id) WHERE aptic_territory_id IS NOT NULL",
        "This territory has its account in this plan already.",
    )
    _aptic_sponsor_once = models.UniqueIndex(
        "(plan_id, aptic_sponsor_id) WHERE aptic_sponsor_id IS NOT NULL",
        "This sponsor has its account in this plan already.",
    )

    @api.model
    def _aptic_of(self, plan, field, records):
        """The accounts of territories or sponsors in a plan; those that are missing are made.

        They are of no company: the entries are.

        :param plan: ``account.analytic.plan``
        :param field: ``aptic_territory_id`` or ``aptic_sponsor_id``
        :return: ``{id of the record: id of its account}``
        """
        accounts = self.sudo().with_context(active_test=False)
        known = accounts.search([("plan_id", "=", plan.id), (field, "in", records.ids)])
        missing = records - known[field]
        if missing:
            # Who has looked at the same moment fails here and is played again: PostgreSQL keeps both from making it.
            self.env.cr.execute("UPDATE account_analytic_plan SET id = id WHERE id = %s", (plan.id,))
            known += accounts.create(
                [
                    {
                        "name": record.name,
                        "code": "code" in record and record.code,
                        "plan_id": plan.id,
                        "company_id": False,
                        field: record.id,
                    }
                    for record in missing.sudo()
                ]
            )
        return {account[field].id: account.id for account in known}

    def exists(self):
        """While entries are posted their accounts are looked up once, not once for each line (see the entries)."""
        known = self.env.context.get("aptic_known_accounts")
        if known is not None and known.issuperset(self.ids):
            return self
        return super().exists()
