from . import aptic_blocking_lift, aptic_blocking_take, aptic_print
