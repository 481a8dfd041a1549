from . import test_common, test_demo, test_territory
