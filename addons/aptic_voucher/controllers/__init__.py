from . import api_openapi, api_orders, blockings, check, closings, counts, distributions, expiry, orders, sheets
