from . import (
    aptic_attempt,
    aptic_member,
    aptic_offline,
    aptic_provider,
    aptic_receipt,
    aptic_redemption,
    aptic_redemption_receipt,
    aptic_subscription,
    ir_http,
)
