"""A desk with vouchers to scan."""

from odoo import fields
from odoo.addons.aptic_voucher.tests.common import VoucherCase


class DeskCase(VoucherCase):
    """An active order, a service of 12 € and a way to call the desk's routes as a user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._order(quantity=10)
        cls.codes = cls._codes(cls.order)
        cls.offer_a.price_cents = 1200
        users = cls.env["res.users"].browse(
            (cls.mediator_a | cls.manager_a | cls.accountant_a | cls.manager_b | cls.sponsor_user_a | cls.stranger).ids
        )
        for user in users:
            user.password = user.login

    def _call(self, route, **parameters):
        return self.make_jsonrpc_request(f"/my/aptic/scan/{route}", parameters)

    def _check(self, codes, **change):
        return self._call("check", **{"place_id": self.place_a.id, "codes": codes, **change})

    def _redeem(self, codes, **change):
        self.acts = getattr(self, "acts", 0) + 1
        return self._call(
            "redeem",
            **{
                "place_id": self.place_a.id,
                "offer_id": self.offer_a.id,
                "audience_id": self.everyone.id,
                "codes": codes,
                "price_cents": 1200,
                "client_key": f"act-{self.acts:08d}",
                "client_time": fields.Datetime.now().isoformat(),
                **change,
            },
        )

    def _forged(self):
        """A code with good check digits that is no voucher's."""
        body = self.codes[0][:10] + str((int(self.codes[0][10:22]) + 1) % 10**12).zfill(12)
        return f"{body}{98 - int(body) * 100 % 97:02d}"
