from . import (
    aptic_setoff_agreement,
    aptic_setoff_demo,
    aptic_offset,
    aptic_provider,
    aptic_statement,
    res_company,
    res_config_settings,
)
