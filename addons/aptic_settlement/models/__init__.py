from . import (
    account_chart_template,
    res_company,
    res_config_settings,
)
