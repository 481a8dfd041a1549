"""The SIRET of organisations is on their partners too, where invoices take it from."""


def migrate(cr, version):
    """Fill in what is empty."""
    for table in ("aptic_provider", "aptic_sponsor"):
        cr.execute(
            f"""UPDATE res_partner partner
                   SET company_registry = regexp_replace(organisation.siret, '[^[:alnum:]]', '', 'g')
                  FROM {table} organisation
                 WHERE partner.id = organisation.partner_id AND organisation.siret <> ''
                   AND coalesce(partner.company_registry, '') = ''"""
        )
