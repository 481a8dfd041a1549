from . import (
    api_openapi,
    api_orders,
    blockings,
    check,
    closings,
    counts,
    expiry,
    order_drafts,
    order_proofs,
    order_quotes,
    orders,
    sheets,
)
