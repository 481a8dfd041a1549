from . import blockings, check, closings, counts, expiry, orders, sheets
