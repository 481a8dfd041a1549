from . import (
    test_accounts,
    test_blocking,
    test_coverage,
    test_held,
    test_money_back,
    test_money_story,
    test_payout,
    test_portal,
    test_posting,
    test_queue,
    test_receipts,
    test_settlement,
)
