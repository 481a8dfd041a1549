from . import test_issue, test_ledger
