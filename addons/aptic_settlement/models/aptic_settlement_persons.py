from odoo import fields, models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    _inherit = "res.company"

    aptic_third_person_from = fields.Monetary(
        string="Third person from",
        default=50_000,
        help="Payment orders of this amount or more are made by a third person, who neither computed nor approved one"
        " of their settlements. 0: never.",
    )

    _aptic_third_person_sane = models.Constraint(
        "CHECK(aptic_third_person_from >= 0)", "The amount from which a third person pays is 0 or more."
    )


class ApticSettlement(models.Model):
    """A third person pays large amounts."""

    _inherit = "aptic.settlement"

    def _check_third_person(self, amount):
        """Refuse who computed or approved one of these settlements when the amount to be paid is large.

        :param amount: of the payment order, in the company's currency
        :raise UserError: from the company's amount on
        """
        for company, runs in self.grouped("company_id").items():
            least = company.aptic_third_person_from
            if not least or company.currency_id.compare_amounts(amount, least) < 0:
                continue
            if self.env.user in runs.computed_by_id + runs.approved_by_id:
                raise UserError(
                    self.env._(
                        "From %(least)s on a third person pays: you computed or approved one of these settlements. Ask"
                        " another accountant to make the payment order of %(amount)s.",
                        least=company.currency_id.format(least),
                        amount=company.currency_id.format(amount),
                    )
                )


class ApticStatement(models.Model):
    _inherit = "aptic.statement"

    def _to_accounts_changed_by(self, user):
        """Those of these statements that would be paid to an account that ``user`` asked for or put in force."""
        changes = (
            self.env["aptic.bank.change"]
            .sudo()
            .search([("provider_id", "in", self.provider_id.ids), ("state", "=", "approved")], order="id")
        )
        latest = {change.provider_id: change for change in changes}
        own = {provider for provider, change in latest.items() if user in change.requested_by_id + change.decided_by_id}
        return self.filtered(lambda statement: statement.provider_id in own)
