from . import closings, counts, expiry, orders, sheets
