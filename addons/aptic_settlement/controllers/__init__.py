from . import coverage, portal, sponsor_fees
