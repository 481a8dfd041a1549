from . import hub, portal
