from . import receipts, redemptions, scan
