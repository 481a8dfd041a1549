"""Orders brought to any state by their real verbs, for the tests of every addon above this one."""

import itertools
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.aptic_base.tests.common import ApticCase
from odoo.fields import Command

from ..models.aptic_rule import FIELD_OF_KIND

ROAD = ("draft", "confirmed", "proofed", "printed", "delivered", "active")
VERBS = {
    "confirmed": "_confirm",
    "proofed": "_approve_proof",
    "printed": "_issue",
    "delivered": "_deliver",
    "active": "_activate",
}


class VoucherCase(ApticCase):
    """``_order`` makes orders, ``_fund`` pays them as a bank file would, ``_codes`` gives what the paper bears.

    ``_scan`` spends.
    """

    _keys = itertools.count()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.receipts = set()
        lines = cls.env.registry["account.bank.statement.line"]
        original, receipts = lines._is_aptic_receipt, cls.receipts
        cls.startClassPatcher(
            patch.object(
                lines,
                "_is_aptic_receipt",
                lambda self: original(self) | self.filtered(lambda line: line.id in receipts),
            )
        )

    @classmethod
    def _order(cls, sponsor=None, quantity=10, rules=(), state="active", **vals):
        """Return an order in ``state``, brought there by the real verbs and funded when active.

        :param rules: pairs ``(kind, records)``, one rule each; a dict of values in place of records
        """
        order = cls.env["aptic.order"].create(
            {
                "sponsor_id": (sponsor or cls.sponsor_a).id,
                "quantity": quantity,
                "booklet_size": 5 if quantity % 10 else 10,
                "last_day": fields.Date.today() + timedelta(days=180),
                "rule_ids": [
                    Command.create(
                        {
                            "kind": kind,
                            **(
                                values if isinstance(values, dict) else {FIELD_OF_KIND[kind]: [Command.set(values.ids)]}
                            ),
                        }
                    )
                    for kind, values in rules
                ],
                **vals,
            }
        )
        if state == "cancelled":
            order._cancel()
            return order
        for step in ROAD[1 : ROAD.index(state) + 1]:
            if step == "active":
                cls._fund(order)
            getattr(order, VERBS[step])()
        return order

    @classmethod
    def _line(cls, cents, **vals):
        """A statement line on the segregated journal, as if typed by hand."""
        return cls.env["account.bank.statement.line"].create(
            {
                "journal_id": cls.company.aptic_bank_journal_id.id,
                "date": fields.Date.today(),
                "payment_ref": "VIR SEPA",
                "amount": cents / 100,
                **vals,
            }
        )

    @classmethod
    def _receipt(cls, cents, **vals):
        """A statement line that counts as coming from a bank file."""
        line = cls._line(cents, **vals)
        cls.receipts.add(line.id)
        return line

    @classmethod
    def _reconcile(cls, line, move):
        """Reconcile a statement line with the receivable of ``move``, as an accountant would."""
        claim = move.line_ids.filtered(lambda item: item.account_type == "asset_receivable")
        counterpart = line.move_id.line_ids.filtered(lambda item: item.account_id != line.journal_id.default_account_id)
        if counterpart.account_id != claim.account_id:
            counterpart.with_context(skip_readonly_check=True).write(
                {"account_id": claim.account_id.id, "partner_id": claim.partner_id.id}
            )
        (counterpart | claim).reconcile()

    @classmethod
    def _fund(cls, order, cents=None):
        """Pay the face value document by a receipt of ``cents`` (default: what is still missing); return the line."""
        line = cls._receipt(order.face_cents - order.received_cents if cents is None else cents, payment_ref=order.name)
        cls._reconcile(line, order.face_move_id)
        return line

    @classmethod
    def _codes(cls, order):
        """The 24-digit codes of the order's vouchers, in serial order."""
        return [code for _serial, code in sorted(cls.env["aptic.booklet"]._codes(order))]

    def _scan(self, codes, user=None, **change):
        """Pay at the first provider's place, by the real act; return its answer.

        :param change: replaces arguments of ``_redeem_locked``
        """
        user, now = user or self.mediator_a, fields.Datetime.now()
        arguments = {
            "member": user.aptic_member_ids[:1],
            "place": self.place_a,
            "offer": self.offer_a,
            "audience": self.everyone,
            "price_cents": 1000,
            "client_key": f"key-{next(self._keys)}",
            "client_time": now,
            "now": now,
            "codes": codes,
            **change,
        }
        return self.env["aptic.redemption"].with_user(user)._redeem_locked(**arguments)
