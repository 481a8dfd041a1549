from . import order_amendment, order_rules, orders, sheets
