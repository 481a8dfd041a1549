from . import aptic_attempt, aptic_member, aptic_redemption, ir_http
