from . import aptic_overrule
