"""Sabotages of aptic_setoff, and of what it uses of the settlement."""

from devtools.mutants import Mutant

MUTANTS = (
    Mutant(
        name="invoices are set off without the operator's setting",
        file="addons/aptic_setoff/models/aptic_statement.py",
        old='self.filtered("company_id.aptic_setoff_subscriptions")',
        new="self",
        addons=("aptic_setoff",),
        word="without_the_operator_s_setting_nothing",
        only="odoo",
    ),
    Mutant(
        name="an invoice is set off by more than the statement pays",
        file="addons/aptic_settlement/models/aptic_statement_setoff.py",
        old='cents = min(round(sum(items.mapped("amount_residual")) * 100), rests[statement])',
        new='cents = round(sum(items.mapped("amount_residual")) * 100)',
        addons=("aptic_setoff",),
        word="never_more_than_is_paid",
        only="odoo",
    ),
    Mutant(
        name="what was set off is forgotten on the segregated account",
        file="addons/aptic_settlement/models/aptic_statement_setoff.py",
        old="""                (company.aptic_fees_in_account_id, cents, False),
                (company.aptic_fees_out_account_id, -cents, False),
""",
        new="",
        addons=("aptic_setoff",),
        word="by_agreement_it_is_set_off",
        only="odoo",
    ),
    Mutant(
        name="rows of days long past are never booked",
        file="addons/aptic_settlement/models/aptic_posting.py",
        old="                                 OR event.day = ANY(ARRAY(SELECT day FROM older)))\n",
        new="                                 )\n",
        addons=("aptic_settlement",),
        word="a_day_however_old",
        only="odoo",
    ),
)
