from . import aptic_measure_answer
from . import aptic_measure_lift
from . import aptic_measure_take
from . import aptic_email_change
from . import aptic_provider_import
from . import aptic_paper_reception
