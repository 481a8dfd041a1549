from . import blockings, check, orders, sheets
