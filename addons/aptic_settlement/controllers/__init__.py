from . import coverage, funds, portal, sponsor_fees
