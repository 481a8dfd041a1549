from . import api, controllers, models, wizards
