from odoo import fields, models


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    subscription_ids = fields.One2many("aptic.subscription", "provider_id")

    def _activation_blockers(self):
        """What is still missing before the provider may scan: a list of sentences, each says what to do."""
        blockers = super()._activation_blockers()
        if not self.sudo()._live_subscription():
            blockers.append(self.env._("Choose your plan: monthly or yearly. It starts with your first scan only."))
        return blockers

    def _live_subscription(self):
        """The subscription that has not ended, or an empty recordset."""
        self.ensure_one()
        return self.subscription_ids.filtered(lambda subscription: subscription.state != "ended")

    def _activate_if_complete(self):
        """Make a provider whose charter is signed active when nothing blocks it any more.

        :return: True when it became active now
        """
        self.ensure_one()
        if self.state != "chartered" or self._activation_blockers():
            return False
        self._activate()
        return True
