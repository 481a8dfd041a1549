"""Fetch all that the other commands need: Odoo, Python packages and, as root, Chromium and wkhtmltopdf."""

from .. import postgres, system
from ..ui import say

NEEDS_ENVIRONMENT = True


def arguments(parser):
    """Add no option."""


def run(options):
    """Start PostgreSQL once and print where things are; getting here has fetched Odoo and the packages."""
    postgres.server(postgres.TEST)
    for name in system.PACKAGES:
        system.ensure(name)
    say(f"Odoo {options.tree.version}: {options.tree.home}")
    return 0
