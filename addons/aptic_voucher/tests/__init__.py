from . import (
    test_amendment,
    test_funding,
    test_issue,
    test_ledger,
    test_order,
    test_order_concurrency,
    test_order_portal,
    test_order_qualifying,
    test_redemption,
    test_rule_acts,
    test_sheets,
)
