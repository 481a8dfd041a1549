from . import hub, portal, place, offer, bank, member
