"""Sabotages of what looks back on scans: history, receipts, the team's telephone."""

from devtools.mutants import Mutant

MUTANTS = (
    Mutant(
        name="a mail of a receipt takes any text for an address",
        file="addons/aptic_pos/models/aptic_redemption_receipt.py",
        old="if len(to) > LONGEST_ADDRESS or not (to.isascii() and to.isprintable() and ADDRESS.fullmatch(to)):",
        new="if not to:",
        addons=("aptic_pos",),
        word="what_is_no_address_is_refused",
        only="odoo",
    ),
    Mutant(
        name="a duplicate of a receipt looks like the first one",
        file="addons/aptic_pos/receipts.py",
        old='if self.copy > 1 else ""',
        new='if self.copy < 0 else ""',
        addons=("aptic_pos",),
        word="the_next_a_duplicate",
        only="odoo",
    ),
    Mutant(
        name="the search of scans passes a whole code on",
        file="addons/aptic_pos/controllers/redemptions.py",
        old="return digits[: codes.SERIAL_DIGITS]",
        new="return text",
        addons=("aptic_pos",),
        word="never_passes_a_whole_code_on",
        only="odoo",
    ),
    Mutant(
        name="an export loses an act between two of its parts",
        file="addons/aptic_pos/models/aptic_redemption_history.py",
        old="""Domain("id", "<", last)""",
        new="""Domain("id", "<", last - 1)""",
        addons=("aptic_pos",),
        word="chunks_neither_lose_nor_repeat",
        only="odoo",
    ),
    Mutant(
        name="anyone may redeem by telephone",
        file="addons/aptic_voucher/models/aptic_redemption_phone.py",
        old="if not self.env.user.has_group(STAFF):",
        new="if False:",
        addons=("aptic_voucher",),
        word="only_the_team_and_with_a_reason",
        only="odoo",
    ),
    Mutant(
        name="staff cancel scans of another company's vouchers",
        file="addons/aptic_voucher/models/aptic_redemption_phone.py",
        old="return self.env.user.has_group(STAFF) and issuers <= self.env.companies",
        new="return self.env.user.has_group(STAFF)",
        addons=("aptic_voucher",),
        word="vouchers_of_another_company",
        only="odoo",
    ),
)
