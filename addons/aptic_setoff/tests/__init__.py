from . import test_setoff, test_setoff_portal
