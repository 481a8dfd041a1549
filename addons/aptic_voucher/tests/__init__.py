from . import (
    test_blocking,
    test_check,
    test_funding,
    test_issue,
    test_issue_large,
    test_ledger,
    test_order,
    test_order_concurrency,
    test_order_portal,
    test_print,
    test_redemption,
    test_sheets,
)
