from . import receipts, redemptions, scan, scan_batch
