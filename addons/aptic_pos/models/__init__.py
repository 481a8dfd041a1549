from . import aptic_attempt, aptic_member, aptic_offline, aptic_provider, aptic_redemption, aptic_subscription, ir_http
