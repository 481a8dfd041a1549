from . import coverage, funds, payment_file, portal, sponsor_fees
