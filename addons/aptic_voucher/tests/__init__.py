from . import (
    test_funding,
    test_issue,
    test_ledger,
    test_order,
    test_order_concurrency,
    test_order_chorus,
    test_order_details,
    test_order_portal,
    test_proof,
    test_quote,
    test_redemption,
    test_sheets,
)
