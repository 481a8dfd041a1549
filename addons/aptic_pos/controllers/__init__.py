from . import api_redemptions, lockouts, offline, receipts, redemptions, scan, scan_batch
