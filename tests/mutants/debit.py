"""Sabotages of aptic_debit."""

from devtools.mutants import Mutant

MUTANTS = (
    Mutant(
        name="who is debited is asked for a transfer",
        file="addons/aptic_debit/models/account_move.py",
        old="        return invoice.mandate_id._aptic_shown()\n",
        new="        return None\n",
        addons=("aptic_debit",),
        word="the_invoice_says_that_it_is_debited",
        only="odoo",
    ),
    Mutant(
        name="a debit goes to the account that holds face value",
        file="addons/aptic_debit/models/res_company.py",
        old="        if segregated:\n",
        new="        if segregated and not self:\n",
        addons=("aptic_debit",),
        word="never_to_the_segregated_account",
        only="odoo",
    ),
    Mutant(
        name="a mandate outlives its bank account",
        file="addons/aptic_debit/models/aptic_provider.py",
        old='if {"bank_account_id", "state"} & vals.keys():',
        new='if "state" in vals:',
        addons=("aptic_debit",),
        word="new_bank_details_end_the_mandate",
        only="odoo",
    ),
    Mutant(
        name="what is on its way to the bank is asked for",
        file="addons/aptic_debit/models/aptic_subscription.py",
        old='return [*super()._overdue_domain(day), ("line_ids", "not any", on_its_way)]',
        new="return super()._overdue_domain(day) if on_its_way else []",
        addons=("aptic_debit",),
        word="on_its_way_to_the_bank",
        only="odoo",
    ),
)
