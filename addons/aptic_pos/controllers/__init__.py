from . import lockouts, receipts, redemptions, scan, scan_batch
