from odoo import api, models
from odoo.fields import Command

DELIVERIES = (
    (
        "Maison du Département, Bordeaux",
        "1 esplanade du Conseil",
        "33000",
        "Bordeaux",
        "Mme Lacoste, 05 56 00 00 01",
        20,
    ),
    ("Médiathèque de Libourne", "14 rue des Quais", "33500", "Libourne", "M. Barthe, 05 57 00 00 02", 18),
    ("Maison de services d'Arcachon", "3 place des Marins", "33120", "Arcachon", "", 12),
)
POINTS = (
    ("CCAS de Libourne", "Libourne"),
    ("Caisse d'allocations familiales", "Bordeaux"),
    ("Agence postale", "Arcachon"),
)
# Who may hand the draft's booklets out: a distributor with so many at most, and all those of a department.
RELAY, RELAY_BOOKLETS, DEPARTMENT = "aptic_base.demo_distributor_01", 20, "33"
REFERENCES = {
    "buyer_siret": "99900201700013",
    "service_code": "DGA-SOLIDARITES",
    "engagement_number": "EJ-2026-004512",
    "contract_reference": "MAPA 2026-17",
}


class ApticOrder(models.Model):
    _inherit = "aptic.order"

    @api.model
    def _load_demo_order_details(self):
        """Give the demonstration's draft its addresses, distribution points, references and quote, once."""
        order = self.env.ref("aptic_voucher.demo_order_draft")
        if order.state != "draft" or order.delivery_ids:
            return
        department = self.env["aptic.territory"].search([("kind", "=", "department"), ("code", "=", DEPARTMENT)])
        names = ("name", "street", "zip", "city", "contact", "booklets")
        order.write(
            {
                **REFERENCES,
                "delivery_ids": [Command.create(dict(zip(names, row, strict=True))) for row in DELIVERIES],
                "allotment_ids": [
                    Command.create({"distributor_id": self.env.ref(RELAY).id, "booklet_limit": RELAY_BOOKLETS}),
                    Command.create({"territory_id": department.id}),
                ],
                "point_ids": [Command.create(dict(zip(("name", "city"), row, strict=True))) for row in POINTS],
            }
        )
        order._make_quote(order._demo_signer())
