from . import test_accounts, test_payout, test_posting, test_receipts, test_settlement
