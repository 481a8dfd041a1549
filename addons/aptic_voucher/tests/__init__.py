from . import (
    test_api,
    test_api_keys,
    test_funding,
    test_issue,
    test_ledger,
    test_order,
    test_order_concurrency,
    test_order_portal,
    test_redemption,
    test_sheets,
    test_webhooks,
)
