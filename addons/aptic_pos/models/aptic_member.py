from odoo import api, models, tools
from odoo.addons.aptic_voucher.acts import MAY_SCAN
from odoo.tools import SQL


class ApticMember(models.Model):
    _inherit = "aptic.member"

    @api.model
    def _scanners(self):
        """The current user's memberships that may scan (sudo), providers by name."""
        domain = [("user_id", "=", self.env.uid), ("provider_id", "!=", False), ("role", "in", MAY_SCAN)]
        return self.sudo().search(domain).sorted(lambda member: member.provider_id.name or "")

    @api.model
    def _scanner_at(self, place_id):
        """The current user's membership that may scan at a place (sudo), or empty, also when there is no such place.

        A guide for the verbs of ``aptic.redemption``, which judge the membership themselves, afresh.
        """
        try:
            return self.sudo().browse(self._scanner_id(place_id))
        except LookupError:
            return self.sudo()

    @tools.ormcache("self.env.uid", "place_id")
    def _scanner_id(self, place_id):
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT m.id FROM aptic_member m JOIN aptic_place p USING (provider_id)"
                " WHERE p.id = %s AND p.active AND m.user_id = %s AND m.active AND m.role IN %s",
                place_id,
                self.env.uid,
                MAY_SCAN,
            )
        )
        if not rows:
            raise LookupError(place_id)  # a "no" is not remembered: it may be a "yes" in a moment
        return rows[0][0]
