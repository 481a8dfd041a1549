from . import test_application
from . import test_charter
from . import test_subscription
