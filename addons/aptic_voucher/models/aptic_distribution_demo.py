from odoo import api, models
from odoo.fields import Command

RELAY, LOGIN = "aptic_base.demo_distributor_01", "relais"
# External id, order, booklets, whether it was acknowledged, booklets returned, booklets stolen.
LOTS = (
    ("sent", "aptic_voucher.demo_order_delivered", 4, False, 0, 0),
    ("received", "aptic_voucher.demo_order_printed", 8, True, 1, 1),
)


class ApticDistribution(models.Model):
    _inherit = "aptic.distribution"

    @api.model
    def _load_demo_lots(self):
        """Give the demonstration's distributor a manager (``relais``), a lot on its way and one in stock.

        It may run again: what is there is left alone.
        """
        relay = self.env.ref(RELAY)
        self._load_demo_relay(relay)
        for name, order, count, received, returned, stolen in LOTS:
            xmlid = f"aptic_voucher.demo_lot_{name}"
            if self.env.ref(xmlid, raise_if_not_found=False):
                continue
            lot = self._load_demo_lot(xmlid, self.env.ref(order), relay, count, received)
            size = lot.order_id.booklet_size
            last = lot.serial_to - size * returned
            if returned:
                lot._move("return", last + 1, lot.serial_to, "Trop de carnets pour l'été")
            if stolen:
                lot._move("lose", last - size * stolen + 1, last, "Tiroir de l'accueil forcé dans la nuit", "stolen")

    @api.model
    def _load_demo_lot(self, xmlid, order, relay, count, received=True):
        lot = self.create({"order_id": order.id, "distributor_id": relay.id, "booklet_count": count})
        lot._send()
        if received:
            lot._receive(str(lot.serial_from), str(lot.serial_to))
        self.env["ir.model.data"]._update_xmlids([{"xml_id": xmlid, "record": lot, "noupdate": True}])
        return lot

    @api.model
    def _load_demo_relay(self, relay):
        if self.env["aptic.member"].search_count([("distributor_id", "=", relay.id)], limit=1):
            return
        user = (
            self.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": "Rachida Benali",
                    "login": LOGIN,
                    "password": LOGIN,
                    "email": f"{LOGIN}@example.org",
                    "lang": "fr_FR",
                    "tz": "Europe/Paris",
                    "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
                }
            )
        )
        self.env["aptic.member"].create({"user_id": user.id, "distributor_id": relay.id, "role": "manager"})
