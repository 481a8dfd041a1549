"""Sabotages of what aptic_settlement makes in batches, and of the statement's forms."""

from devtools.mutants import Mutant

MUTANTS = (
    Mutant(
        name="the first batch writes the ledger's rows of all statements",
        file="addons/aptic_settlement/models/aptic_settlement_documents.py",
        old="        self._append_ledger(statements, at)\n",
        new="        if not self.documents_made:\n            self._append_ledger(self.statement_ids, at)\n",
        addons=("aptic_settlement",),
        word="agree_after_each_batch",
        only="odoo",
    ),
    Mutant(
        name="one provider's trouble blocks the others of its batch",
        file="addons/aptic_settlement/batches.py",
        old="        if len(records) > 1:\n",
        new="        if False:\n",
        addons=("aptic_settlement",),
        word="one_in_trouble_does_not_block",
        only="odoo",
    ),
    Mutant(
        name="providers are paid while documents are being made",
        file="addons/aptic_settlement/models/aptic_settlement_payout.py",
        old="        self._check_documents()\n",
        new="",
        addons=("aptic_settlement",),
        word="nobody_is_paid_while_documents",
        only="odoo",
    ),
    Mutant(
        name="vouchers in a row stand as one on their statement",
        file="addons/aptic_settlement/models/aptic_statement.py",
        old="generate_series(event.serial_from, event.serial_to)",
        new="generate_series(event.serial_from, event.serial_from)",
        addons=("aptic_settlement",),
        word="each_voucher_stands_once",
        only="odoo",
    ),
    Mutant(
        name="what the bank has is cancelled while it is being booked",
        file="addons/aptic_settlement/models/account_payment_order_booking.py",
        old='        for order in self.filtered("aptic_booking"):\n',
        new="        for order in self.browse():\n",
        addons=("aptic_settlement",),
        word="what_the_bank_has_is_not_cancelled",
        only="odoo",
    ),
    Mutant(
        name="a payment that cannot be booked stops its batch",
        file="addons/aptic_settlement/models/account_payment_order_booking.py",
        old="            in_halves(payments, order._aptic_book, order._aptic_note_trouble)\n",
        new="            order._aptic_book(payments)\n",
        addons=("aptic_settlement",),
        word="one_in_trouble_does_not_block",
        only="odoo",
    ),
)
