from . import test_application
from . import test_charter
from . import test_charter_again
from . import test_subscription
from . import test_demo
from . import test_portal
from . import test_portal_forms
from . import test_join
