from . import api_redemptions, lockouts, receipts, redemptions, scan, scan_batch
