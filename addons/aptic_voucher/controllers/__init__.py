from . import blockings, check, closings, counts, expiry, order_drafts, order_proofs, order_quotes, orders, sheets
