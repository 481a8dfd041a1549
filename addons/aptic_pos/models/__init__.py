from . import (
    aptic_attempt,
from . import 
)
