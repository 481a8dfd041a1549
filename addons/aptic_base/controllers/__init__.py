from . import hub, portal, place, offer, bank
