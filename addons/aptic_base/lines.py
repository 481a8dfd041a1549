"""The line that a request comes from, as far as it tells lines apart. Plain Python."""

import ipaddress


def line_of(address):
    """Return one text for all addresses of a line: of IPv6 the network counts, which is one subscriber's.

    :param str address: as the server sees it; empty or no address at all gives an empty text
    """
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if found.version == 6:
        found = found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False)
    return str(found)
