from . import redemptions, scan
