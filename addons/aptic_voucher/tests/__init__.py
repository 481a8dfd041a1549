from . import (
    test_activation,
    test_closing,
    test_counts,
    test_expiry,
    test_funding,
    test_issue,
    test_ledger,
    test_order,
    test_order_concurrency,
    test_order_portal,
    test_redemption,
    test_sheets,
)
