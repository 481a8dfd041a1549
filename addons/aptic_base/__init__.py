from . import api, controllers, json_rpc, models, wizards
