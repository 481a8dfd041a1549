"""The sabotages of ``./aptic mutants``, a file for each addon; every issue adds its own."""

from . import base, eligibility, platform, pos, settlement, voucher

MUTANTS = base.MUTANTS + eligibility.MUTANTS + platform.MUTANTS + pos.MUTANTS + settlement.MUTANTS + voucher.MUTANTS
