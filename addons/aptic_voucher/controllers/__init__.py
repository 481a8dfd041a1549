from . import order_drafts, order_proofs, order_quotes, orders, sheets
