from . import hub, portal, place, hosting, offer, pathway, suggestion, catalogue, bank, member
from . import measure
from . import account, email
from . import api_key, api_keys
from . import thread
from . import papers, uploads
