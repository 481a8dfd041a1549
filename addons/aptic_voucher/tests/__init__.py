from . import test_funding, test_issue, test_ledger, test_order, test_redemption, test_sheets
