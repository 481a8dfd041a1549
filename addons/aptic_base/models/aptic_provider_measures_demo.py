from odoo import api, models

REASON = (
    "Trois bénéficiaires nous disent avoir payé 15 € avec leurs chèques un service affiché 10 € à l'accueil. La charte"
    " (3. Fixer un prix juste) demande le même prix pour tous.\nRétablissez un prix unique et dites-nous comment vous"
    " dédommagez ces trois personnes."
)
APPEAL = (
    "Le prix affiché à l'accueil était celui de l'an dernier : l'affiche est remplacée. Nous avons offert une séance"
    " aux trois personnes, leurs reçus sont à votre disposition."
)


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    @api.model
    def _load_demo_measures(self):
        """Suspend a member of the demonstration, and have it appeal; it may run again."""
        provider = self.env.ref("aptic_base.demo_provider_13")
        if provider.state != "draft":
            return
        provider._guarded_write({"state": "active"})
        provider.with_user(self.env.ref("base.user_admin"))._suspend("conduct", REASON)
        measure = self.env["aptic.measure"].search([("provider_id", "=", provider.id)], limit=1)
        measure._write_appeal(self.env.ref("aptic_base.demo_user_acteur13"), APPEAL)
