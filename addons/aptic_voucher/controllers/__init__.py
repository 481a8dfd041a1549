from . import api_openapi, api_orders, orders, sheets, webhooks
