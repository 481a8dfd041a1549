from . import (
    test_distribution,
    test_distribution_portal,
    test_funding,
    test_issue,
    test_ledger,
    test_order,
    test_order_concurrency,
    test_order_portal,
    test_redemption,
    test_seal,
    test_sheets,
)
