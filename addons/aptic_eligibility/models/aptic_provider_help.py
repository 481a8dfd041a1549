from odoo import api, models


class ApticProvider(models.Model):
    """Where a provider is, for whoever helps it."""

    _inherit = "aptic.provider"

    def _home_territories(self):
        """The communes of its places; before it has one, those of its own postal code."""
        self.ensure_one()
        return self.place_ids.territory_id or self.env["aptic.territory"].sudo()._of_postal_code(self.zip)

    @api.model
    def _departments(self):
        """Every department, by its code."""
        return self.env["aptic.territory"].sudo().search([("kind", "=", "department")], order="code")

    @api.model
    def _department(self, code):
        """The department of a code as typed, or an empty recordset."""
        domain = [("kind", "=", "department"), ("code", "=", str(code or "")[:5])]
        return self.env["aptic.territory"].sudo().search(domain, limit=1)
