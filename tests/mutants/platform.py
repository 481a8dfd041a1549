"""Sabotages of the platform."""

from devtools.mutants import Mutant

MUTANTS = (
    Mutant(
        name="the judge of tests lets a warning pass",
        file="devtools/odoo_tests.py",
        old='if record.level not in ("WARNING", "ERROR", "CRITICAL"):',
        new='if record.level not in ("ERROR", "CRITICAL"):',
        word="a_warning_in_the_log_fails",
        only="pytest",
    ),
)
