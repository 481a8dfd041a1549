from odoo import api, models

# Provider, name, why, category of (number of the demonstration offer), decision, answer, service of (offer).
SUGGESTIONS = (
    (1, "Réparer son vélo électrique connecté", "On nous le demande chaque samedi au repair café.",
     1, None, None, None),
    (1, "Découper au laser en famille", "Pour les vacances scolaires.", 2, "_accept",
     "Bonne idée : le service est ajouté à la fabrication numérique.", None),
    (3, "Faire sa déclaration de revenus sur internet", "Beaucoup de demandes au printemps.", None, "_merge",
     "Ce service existe déjà sous un autre nom : proposez-le tout de suite.", 10),
    (3, "Vente d'ordinateurs reconditionnés", "Nos bénéficiaires n'ont pas d'ordinateur.", None, "_decline",
     "Le chèque paie un service de médiation, pas un achat de matériel.", None),
)  # fmt: skip


class ApticServiceSuggestion(models.Model):
    _inherit = "aptic.service.suggestion"

    @api.model
    def _load_demo_suggestions(self):
        """Suggest services for the demonstration and answer some, by the real verbs; it may run again."""
        if self.search_count([], limit=1):
            return
        staff = self.env.ref("aptic_base.demo_user_camille")
        for number, name, reason, offer, verb, note, known in SUGGESTIONS:
            provider = self.env.ref(f"aptic_base.demo_provider_{number:02}")
            manager = provider.member_ids.filtered(lambda member: member.role == "manager").user_id[:1]
            category = offer and self.env.ref(f"aptic_base.demo_offer_{offer:02}").category_id
            suggestion = self._suggest(
                provider, manager, {"name": name, "reason": reason, "category_id": category and category.id}
            )
            if verb:
                suggestion.note = note
                if known:
                    suggestion.service_id = self.env.ref(f"aptic_base.demo_offer_{known:02}").service_id
                getattr(self.browse(suggestion.id).with_user(staff), verb)()
