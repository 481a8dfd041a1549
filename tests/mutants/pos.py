"""Sabotages of aptic_pos."""

from devtools.mutants import Mutant

MUTANTS = (
    Mutant(
        name="wrong codes stop nobody",
        file="addons/aptic_pos/models/aptic_redemption.py",
        old="""facts["is_throttled"]""",
        new="False",
        addons=("aptic_pos",),
        word="ten_wrong_codes",
        only="odoo",
    ),
)
