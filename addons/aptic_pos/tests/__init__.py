from . import (
    test_alert,
    test_desk_acts,
    test_first_scan,
    test_history,
    test_offline,
    test_receipt,
    test_receipt_paper,
    test_redemptions,
    test_scan,
    test_scan_batch,
    test_throttle,
    test_tours,
)
