from . import orders, sheets
