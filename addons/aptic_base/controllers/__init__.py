from . import hub, portal, place, offer, bank, member
from . import measure
from . import account, email
from . import thread
from . import papers, uploads
