from . import test_accounts, test_settlement
