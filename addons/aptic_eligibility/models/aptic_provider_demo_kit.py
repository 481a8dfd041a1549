from datetime import timedelta

from odoo import api, models

# By number of the demonstration provider: serial, days since it was sent, parcel number, received, what else happened.
PARCELS = {
    1: ("DS2208-14071", 205, "8R00000000011", True, "awaited"),
    2: ("DS2208-14072", 195, "8R00000000028", True, None),
    3: ("DS2208-14073", 180, "8R00000000035", True, "declared"),
    4: ("DS2208-14074", 165, "8R00000000042", True, None),
    5: ("DS2208-14075", 155, "8R00000000059", True, "lost"),
    6: ("DS2208-14076", 3, "8R00000000066", False, None),
    7: (None, None, None, False, None),
    8: (None, None, None, False, "cancelled"),
}
NEW_SERIAL = "DS2208-20881"


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    @api.model
    def _load_demo_kits(self):
        """Give the demonstration's members their kits, in every state, by the real verbs.

        It may run again: providers that have a parcel are left alone.
        """
        today = self.env["aptic.kit"]._today()
        carrier = self.env.ref("aptic_eligibility.carrier_colissimo")
        for number, (serial, days, parcel, received, story) in PARCELS.items():
            provider = self.env.ref(f"aptic_base.demo_provider_{number:02}")
            if provider.state != "active" or provider.kit_ids:
                continue
            kit = self.env["aptic.kit"]._prepare_welcome(provider)
            if story == "cancelled":
                kit._cancel("Adresse à confirmer par l'acteur")
                kit._prepare_again()
            if not serial:
                continue
            kit.write({"serial": serial, "carrier_id": carrier.id, "tracking_number": parcel})
            kit._send()
            kit._guarded_write({"sent_on": today - timedelta(days=days)})
            if received:
                kit.with_user(provider._load_demo_manager()).sudo()._receive()
                kit._guarded_write({"received_on": today - timedelta(days=days - 4)})
            if story:
                provider._load_demo_replacement(kit, story, today)

    def _load_demo_replacement(self, kit, story, today):
        words = {
            "awaited": "La lumière s'allume, mais plus aucun code n'est lu.",
            "declared": "Le câble est abîmé : la douchette s'éteint dès qu'on la bouge.",
            "lost": "Disparue après la fête de quartier.",
        }
        model = self.env["aptic.replacement"].with_user(self._load_demo_manager()).sudo()
        cause = "lost" if story == "lost" else "broken"
        replacement = model._declare(self, kit.scanner_id, cause, words[story])
        if story == "declared":
            return
        replacement._guarded_write({"declared_on": today - timedelta(days=60)})
        replacement._approve()
        if story == "awaited":
            parcel = replacement.kit_ids
            parcel.write({"serial": NEW_SERIAL, "carrier_id": kit.carrier_id.id, "tracking_number": "8R00000000110"})
            parcel._send()
            parcel._guarded_write({"sent_on": today - timedelta(days=52)})
            parcel._receive()
            parcel._guarded_write({"received_on": today - timedelta(days=49)})
            replacement._guarded_write({"return_due_on": today - timedelta(days=22)})
