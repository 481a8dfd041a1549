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
    Mutant(
        name="a server that does not end in order is left behind",
        file="devtools/pg_keeper.py",
        old='if done.returncode and mode != "immediate":',
        new='if not done.returncode and mode != "immediate":',
        word="does_not_end_is_ended",
        only="pytest",
    ),
)
