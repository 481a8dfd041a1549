from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aptic_appeal_days = fields.Integer(config_parameter="aptic_base.appeal_days", default=30)
    aptic_import_max_mb = fields.Integer(config_parameter="aptic_base.import_max_mb", default=20)
    aptic_import_max_rows = fields.Integer(config_parameter="aptic_base.import_max_rows", default=50_000)
    aptic_upload_megabytes = fields.Integer(config_parameter="aptic_base.upload_megabytes", default=10)
    aptic_upload_pages = fields.Integer(config_parameter="aptic_base.upload_pages", default=60)
    aptic_papers_grace_days = fields.Integer(config_parameter="aptic_base.papers_grace_days", default=60)
    aptic_papers_keep_years = fields.Integer(config_parameter="aptic_base.papers_keep_years", default=5)
    aptic_papers_keep_refused_months = fields.Integer(
        config_parameter="aptic_base.papers_keep_refused_months", default=3
    )
    aptic_geocoder_url = fields.Char(string="Geocoding service", config_parameter="aptic_base.geocoder_url")
    aptic_tile_url = fields.Char(string="Map tiles", config_parameter="leaflet.tile_url")
