from markupsafe import Markup
from odoo import models

from .aptic_order_details import REFERENCES

# Where core's module for Chorus Pro (l10n_fr_facturx_chorus_pro) takes them from, once it is installed.
CHORUS = {
    "buyer_reference": "service_code",
    "contract_reference": "contract_reference",
    "purchase_order_reference": "engagement_number",
}


class ApticOrder(models.Model):
    """The purchase references of a public sponsor on its two documents."""

    _inherit = "aptic.order"

    def _prepare_move(self):
        """Print the references on the document, and write them where core's export for Chorus Pro looks for them."""
        vals = super()._prepare_move()
        known = self.env["account.move"]._fields
        vals.update({field: self[name] for field, name in CHORUS.items() if field in known})
        lines = [
            Markup("%s : %s") % (self._fields[name]._description_string(self.env), self[name])
            for name in REFERENCES
            if self[name]
        ]
        if lines:
            vals["narration"] = Markup("<p>%s</p>") % Markup("<br/>").join(lines)
        return vals
