from . import distributions, orders, sheets
