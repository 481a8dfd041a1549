from . import coverage, coverage_public, funds, payment_file, portal, sponsor_fees
