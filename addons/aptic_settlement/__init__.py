from . import controllers, models, wizards


def _post_init_hook(env):
    for company in env["res.company"].search([("chart_template", "!=", False)]):
        env["account.chart.template"]._load_aptic_settlement(company)
