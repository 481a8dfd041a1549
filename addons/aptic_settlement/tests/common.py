"""Redemptions written as facts, and the two accountants of a month end."""

import itertools
from datetime import date, datetime, timedelta

from odoo import fields
from odoo.addons.aptic_base.tests.common import ApticCase
from odoo.addons.aptic_voucher.days import paris_day

CUTOFF = date(2026, 3, 1)
NUMBERS = itertools.count(1)


class SettlementCase(ApticCase):
    """``_redeem`` writes a redemption and its row of the ledger as they stand after a scan."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        if "aptic.alert.rule" in cls.env:  # where the desk is installed too: what its patterns hold is tried there
            cls.env["aptic.alert.rule"].search([]).active = False
        cls.second_accountant = cls._user("second_accountant", "aptic_base.group_aptic_accountant")
        cls.order = cls.env["aptic.order"].create(
            {"sponsor_id": cls.sponsor_a.id, "quantity": 1000, "last_day": fields.Date.today() + timedelta(days=365)}
        )
        cls.other_order = cls.order.copy({"sponsor_id": cls.sponsor_b.id})

    @classmethod
    def _redeem(cls, place=None, vouchers=1, at=datetime(2026, 2, 10, 9), face_cents=1000, order=None, state="done"):
        """A redemption of ``vouchers`` at a place, received at ``at`` (UTC)."""
        place = place or cls.place_a
        provider = place.provider_id
        offer = provider.offer_ids[0]
        cents, serials = vouchers * face_cents, [next(NUMBERS) for _voucher in range(vouchers)]
        cls.env.flush_all()
        cls.env.cr.execute(
            """
            INSERT INTO aptic_redemption (
                   provider_id, place_id, territory_id, offer_id, service_id, user_id, price_cents, voucher_count,
                   face_cents, copay_cents, client_key, payload_hash, client_time, received_at, day, state, serials)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 0, %s, 'hash', %s, %s, %s, %s, %s)
         RETURNING id
            """,
            (
                provider.id, place.id, place.territory_id.id, offer.id, offer.service_id.id, cls.env.uid, cents,
                vouchers, cents, f"fact-{next(NUMBERS)}", at, at, paris_day(at), state, " ".join(map(str, serials)),
            ),
        )  # fmt: skip
        [redemption_id] = cls.env.cr.fetchone()
        row = {
            "order_id": (order or cls.order).id,
            "quantity": vouchers,
            "amount_cents": cents,
            "redemption_id": redemption_id,
            "serial_from": serials[0],
            "serial_to": serials[-1],
            "at": at,
        }
        cls.env["aptic.event"]._append([{"kind": "redeem", **row}])
        if state == "cancelled":
            cls.env["aptic.event"]._append([{"kind": "cancel", **row}])
        return cls.env["aptic.redemption"].browse(redemption_id)

    @classmethod
    def _settlement(cls, cutoff=CUTOFF, approved=False):
        """A settlement computed by one accountant, and at wish approved by the other."""
        settlement = cls.env["aptic.settlement"].create({"cutoff_day": cutoff})
        settlement.with_user(cls.accountant)._take()
        if approved:
            settlement.with_user(cls.second_accountant)._approve()
        return settlement

    @classmethod
    def _statement(cls, settlement, provider):
        return settlement.statement_ids.filtered(lambda statement: statement.provider_id == provider)
