"""A bank for the tests: the segregated account's statements, each opening with what the last one closed with."""

import base64
import itertools
from datetime import date

from odoo import fields
from odoo.addons.aptic_voucher.days import paris_day
from odoo.addons.aptic_voucher.tests.common import VoucherCase

from ..demo.camt import Entry, camt053

IBAN = "FR7630006000011234567890189"
OPERATOR_IBAN = "FR7614508059401234567890182"


class MoneyCase(VoucherCase):
    """``_bank(Entry…)`` sends and imports the next statement of the segregated account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.company.aptic_bank_journal_id
        cls.journal.bank_account_id = cls._own_account(IBAN)
        cls.numbers = itertools.count(1)

    @classmethod
    def _own_account(cls, iban):
        bank = cls.env["res.partner.bank"]
        partner = cls.company.partner_id
        return bank.search([("acc_number", "=", iban), ("partner_id", "=", partner.id)]) or bank.create(
            {"acc_number": iban, "partner_id": partner.id, "company_id": cls.company.id}
        )

    @classmethod
    def _bank(cls, *entries, day: date | None = None, **options):
        """Import the next statement of the bank; return it."""
        day = day or paris_day(fields.Datetime.now())
        return cls._import(camt053(IBAN, f"RLV-{next(cls.numbers):05d}", day, cls._closing(), entries, **options))

    @classmethod
    def _closing(cls):
        return round(cls.env["account.bank.statement"]._aptic_last(cls.journal).balance_end_real * 100)

    @classmethod
    def _import(cls, data, user=None):
        wizard = cls.env["account.statement.import"].with_user(user or cls.env.user)
        result = wizard.create(
            {"statement_file": base64.b64encode(data), "statement_filename": "releve.xml"}
        )._import_file()
        return cls.env["account.bank.statement"].browse(result["statement_ids"])

    @classmethod
    def _fund(cls, order, cents=None):
        """Pay the order's face value document by the bank's next statement; return the line."""
        cents = order.face_cents - order.received_cents if cents is None else cents
        statement = cls._bank(Entry(cents, text=f"Commande {order.name}", name=order.sponsor_id.name))
        line = statement.line_ids
        if not line.is_reconciled:
            cls._reconcile(line, order.face_move_id)
        return line

    @classmethod
    def _pays(cls, order, **options):
        """The entry by which the sponsor pays the whole order, naming it."""
        return Entry(order.face_cents, text=f"VIR {order.name}", name=order.sponsor_id.name, **options)


__all__ = ["IBAN", "OPERATOR_IBAN", "Entry", "MoneyCase", "camt053"]
