from . import hub, portal, place, hosting, offer, pathway, suggestion, catalogue, bank, member
from . import measure
from . import account, email
from . import thread
from . import papers, uploads
