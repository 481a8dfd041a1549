from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    aptic_setoff_subscriptions = fields.Boolean(
        string="Set overdue subscription invoices off",
        help="Against the counter-payments of providers who have agreed to it in writing, and of nobody else.",
    )

    def write(self, vals):
        """Leave a trace of who turns the set-off on and off, on the company's contact."""
        asked = vals.get("aptic_setoff_subscriptions")
        turned = self.filtered(lambda company: asked is not None and company.aptic_setoff_subscriptions != bool(asked))
        result = super().write(vals)
        for company in turned:
            company.partner_id.sudo().message_post(
                body=(
                    self.env._("Overdue subscription invoices are set off from now on, where providers have agreed.")
                    if asked
                    else self.env._("Subscription invoices are not set off any more.")
                ),
                author_id=self.env.user.partner_id.id,
            )
        return result
