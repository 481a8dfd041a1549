from . import aptic_application_paper
from . import aptic_charter_enforce
from . import aptic_charter_verify
from . import aptic_overrule
