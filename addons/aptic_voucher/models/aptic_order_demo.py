from odoo import api, fields, models
from odoo.fields import Command

from .aptic_rule import FIELD_OF_KIND

SPONSOR, BASE = "aptic_base.demo_sponsor_", "aptic_base."
ROAD = ("_load_demo_signature", "_approve_proof", "_issue", "_deliver")
# External id, sponsor, vouchers, booklet size, months of validity, verbs, message, rules.
ORDERS = (
    ("draft", "departement", 500, 10, 12, (), "Le numérique pour tous, avec votre Département",
     {"territory": [("department", "33")], "audience": ["audience_seniors"]}),
    ("returned", "departement", 100, 10, 11, (*ROAD[:1], "_load_demo_return"), "Cliquez sans crainte",
     {"territory": [("department", "33")]}),
    ("confirmed", "ccas", 100, 5, 9, ROAD[:1], "Votre CCAS vous accompagne",
     {"territory": [("commune", "64445")], "weekdays": {"on_tuesday": True, "on_thursday": True},
      "max_per_day": {"max_count": 2}}),
    ("proofed", "fondation", 250, 10, 12,
     (*ROAD[:1], "_load_demo_return", "_load_demo_second_proof", ROAD[1]), "Osez le numérique !",
     {"category": ["category_m1", "category_m2"], "audience": ["audience_job_seekers", "audience_youth"],
      "max_price": {"max_price_cents": 1500}}),
    ("printed", "departement", 200, 10, 10, ROAD[:3], "Simplifiez vos démarches en ligne",
     {"territory": [("department", "33")], "place_type": ["place_type_library", "place_type_epn"]}),
    ("delivered", "ccas", 50, 5, 6, ROAD[:4], "Un coup de pouce pour vos démarches",
     {"territory": [("department", "64")], "audience": ["audience_minimum_income"]}),
    ("cancelled", "fondation", 100, 10, 12, (*ROAD[:1], "_cancel"), "Apprendre, créer, partager",
     {"place_type": ["place_type_fablab"]}),
)  # fmt: skip


class ApticOrder(models.Model):
    _inherit = "aptic.order"

    @api.model
    def _load_demo_orders(self):
        """Make the demonstration's orders, one in each state that needs no money, by the real verbs.

        It may run again: orders that are there are left alone.
        """
        today = fields.Date.today()
        for name, sponsor, quantity, size, months, verbs, message, rules in ORDERS:
            xmlid = f"aptic_voucher.demo_order_{name}"
            if self.env.ref(xmlid, raise_if_not_found=False):
                continue
            order = self.create(
                {
                    "sponsor_id": self.env.ref(SPONSOR + sponsor).id,
                    "quantity": quantity,
                    "booklet_size": size,
                    "last_day": fields.Date.end_of(fields.Date.add(today, months=months), "month"),
                    "message": message,
                    "rule_ids": [self._demo_rule(kind, values) for kind, values in rules.items()],
                }
            )
            for verb in verbs:
                getattr(order, verb)()
            if name == "confirmed":
                order._demo_amendment()
            self.env["ir.model.data"]._update_xmlids([{"xml_id": xmlid, "record": order, "noupdate": True}])

    def _demo_signer(self):
        return self.sponsor_id.member_ids.filtered(lambda member: member.role == "manager")[:1].user_id

    def _load_demo_signature(self):
        signer = self._demo_signer()
        self._sign_quote(self._make_quote(signer).id, signer, signer.name, "Responsable des achats", "192.0.2.20")

    def _load_demo_return(self):
        reason = "Le logo est trop petit et il manque l'adresse de notre site dans le message."
        self._return_proof(self.proof_id.id, reason, self._demo_signer())

    def _load_demo_second_proof(self):
        self._offer_proof(message="Osez le numérique ! passerelles.example", note="L'adresse du site est ajoutée.")

    def _demo_amendment(self):
        """The sponsor asks for another municipality; staff have not decided yet."""
        town = self.env["aptic.territory"].search([("kind", "=", "commune"), ("code", "=", "64284")])
        self.env["aptic.amendment"].with_user(self._demo_signer() or self.env.user)._ask(
            self,
            [{"kind": "territory", "ids": town.ids}, {"kind": "max_per_day", "count": 5}],
            "Des bénéficiaires habitent la commune voisine.",
        )

    def _demo_rule(self, kind, values):
        if isinstance(values, dict):
            return Command.create({"kind": kind, **values})
        if kind == "territory":
            territories = self.env["aptic.territory"]
            ids = [territories.search([("kind", "=", level), ("code", "=", code)]).id for level, code in values]
        else:
            ids = [self.env.ref(BASE + name).id for name in values]
        return Command.create({"kind": kind, FIELD_OF_KIND[kind]: [Command.set(ids)]})
