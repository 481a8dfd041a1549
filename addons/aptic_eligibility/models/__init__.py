from . import aptic_provider
from . import aptic_subscription
from . import contract_contract
