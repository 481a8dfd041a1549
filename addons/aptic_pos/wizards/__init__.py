from . import aptic_redemption_phone, aptic_watch_answer
