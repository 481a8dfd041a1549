"""Sabotages of aptic_settlement: what a run takes and pays, for whom, and who is told."""

from devtools.mutants import Mutant

MUTANTS = (
    Mutant(
        name="VAT on face value",
        file="addons/aptic_voucher/models/aptic_order_documents.py",
        old='"account_id": self.company_id.aptic_unactivated_account_id.id,\n'
        '                        "tax_ids": [Command.clear()],',
        new='"account_id": self.company_id.aptic_unactivated_account_id.id,\n'
        '                        "tax_ids": [Command.set(self.company_id.account_sale_tax_id.ids)],',
        addons=("aptic_settlement",),
        word="fees_are_taxed_and_vouchers_are_not",
        only="odoo",
    ),
    Mutant(
        name="rounding per voucher",
        file="addons/aptic_settlement/models/aptic_settlement_fees.py",
        old="                    own = fees.split(gross, plain[rule_id])\n",
        new="                    own = fees.split(gross, plain[rule_id])\n"
        '                    scans = SQL("SELECT face_cents FROM aptic_fee_choice WHERE statement_id = %s", key[0])\n'
        "                    faces = self.env.execute_query(scans)\n"
        "                    fee = sum(fees.split(face, plain[rule_id]).fee for (face,) in faces)\n",
        addons=("aptic_settlement",),
        word="odd_amounts_are_rounded_once",
        only="odoo",
    ),
    Mutant(
        name="fund taken twice at settlement",
        file="addons/aptic_settlement/models/aptic_settlement_fees.py",
        old="        self._insert_fund_lines(fund_lines)\n",
        new="        self._insert_fund_lines(fund_lines + fund_lines)\n",
        addons=("aptic_settlement",),
        word="from_the_share_to_the_paid_grant",
        only="odoo",
    ),
    Mutant(
        name="who decides about a grant rewrites the application",
        file="addons/aptic_settlement/models/aptic_fund_grant.py",
        old="if not self.env.user._is_superuser() and self.asked_by_id - self.env.user:",
        new="if False:",
        addons=("aptic_settlement",),
        word="nobody_who_may_decide",
        only="odoo",
    ),
    Mutant(
        name="a settlement takes the redemptions of every company",
        file="addons/aptic_settlement/models/aptic_settlement.py",
        old='if not self.env["aptic.order"].search_count([("company_id", "!=", self.company_id.id)], limit=1):',
        new="if self:",
        addons=("aptic_settlement",),
        word="each_settles_what_its_own",
        only="odoo",
    ),
    Mutant(
        name="vouchers of two operators pay together",
        file="addons/aptic_voucher/acts.py",
        old="if len({voucher.company_id for voucher in vouchers}) > 1 else None",
        new="if not vouchers else None",
        addons=("aptic_voucher",),
        word="two_operators_do_not_pay",
        only="odoo",
    ),
    Mutant(
        name="staff opens the papers of any company's statements",
        file="addons/aptic_settlement/controllers/portal.py",
        old='return statement if theirs.has_access("read") else None',
        new="return statement if theirs else None",
        addons=("aptic_settlement",),
        word="papers_of_their_own_company",
        only="odoo",
    ),
    Mutant(
        name="a credit note whose invoice is late is forgotten",
        file="addons/aptic_settlement/models/aptic_settlement_sponsors.py",
        old="        if waiting:\n",
        new="        charged = charged.filtered(lambda share: share.fee_id.move_id)\n        if False:\n",
        addons=("aptic_settlement",),
        word="credit_note_waits_for_the_invoice",
        only="odoo",
    ),
    Mutant(
        name="nobody is told of what is under verification",
        file="addons/aptic_settlement/models/aptic_settlement.py",
        old="        settlement._tell_held()\n",
        new="",
        addons=("aptic_settlement",),
        word="told_once_in_its_language",
        only="odoo",
    ),
    Mutant(
        name="a suspended provider is paid though the operator lets it wait",
        file="addons/aptic_settlement/models/aptic_provider_held.py",
        old='        if self.state not in ("suspended", "struck_off"):\n',
        new="        if self:\n",
        addons=("aptic_settlement",),
        word="suspended_providers_wait",
        only="odoo",
    ),
)
