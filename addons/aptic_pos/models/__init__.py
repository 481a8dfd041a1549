from . import aptic_attempt, aptic_member, aptic_provider, aptic_redemption, ir_http
