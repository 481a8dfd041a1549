"""The secret keys of the vouchers' codes, read from section ``[aptic]`` of the server's configuration file.

Each key has a version, so that vouchers in circulation outlive a rotation: a booklet says the version it was printed
with, new booklets take the current one. Another kind of key may stand beside them under a prefix of its own.
"""

import configparser
import os
from dataclasses import dataclass, field

SECTION = "aptic"
PREFIX = "voucher_key_"
CURRENT = "current"
KEY_BYTES = 32

# Key rings by path and prefix, with the file's time and size when they were read.
_rings = {}


class KeyRingError(Exception):
    """The keys cannot be used. Never holds a key.

    :ivar kind: ``unreadable``, ``malformed``, ``none``, ``current``, ``name``, ``length`` or ``version``.
    :ivar values: what the message about it names: ``path``, ``option`` or ``versions``.
    """

    def __init__(self, kind, **values):
        self.kind, self.values = kind, {"section": SECTION, **values}
        super().__init__(f"{kind}: {self.values}")


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by version and the version that new booklets take. ``repr`` shows no key."""

    current: int
    keys: dict = field(repr=False)
    prefix: str = PREFIX

    def key(self, version: int) -> bytes:
        """Return the key of a version.

        :raises KeyRingError: when the configuration file no longer has it.
        """
        try:
            return self.keys[version]
        except KeyError:
            raise KeyRingError("version", option=f"{self.prefix}{version}") from None


def cached(path, prefix=PREFIX) -> KeyRing:
    """As :func:`load`, but the file is read again only when it has changed."""
    try:
        stat = os.stat(path)
    except OSError:
        raise KeyRingError("unreadable", path=path) from None
    stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    if _rings.get((path, prefix), (None,))[0] != stamp:
        _rings[path, prefix] = (stamp, load(path, prefix))
    return _rings[path, prefix][1]


def load(path, prefix=PREFIX) -> KeyRing:
    """Read the keys.

    :param path: the configuration file.
    :param prefix: what the options' names begin with: ``<prefix><version>`` and ``<prefix>current``.
    :raises KeyRingError: when it is missing, has no usable key or no current one.
    """
    options = section(path)
    current = options.pop(prefix + CURRENT, "")
    keys = dict(_read_key(name, value, prefix) for name, value in options.items() if name.startswith(prefix) and value)
    if not keys:
        raise KeyRingError("none", path=path)
    if not current.isdecimal() or int(current) not in keys:
        raise KeyRingError("current", path=path, versions=", ".join(map(str, sorted(keys))))
    return KeyRing(int(current), keys, prefix)


def section(path) -> dict:
    """Read the options of section ``[aptic]``, which hold secrets; none when there is no such section.

    :param path: the configuration file.
    :raises KeyRingError: when the file cannot be read.
    """
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        with open(path, encoding="utf-8") as stream:
            parser.read_file(stream)
    except OSError:
        raise KeyRingError("unreadable", path=path) from None
    except (configparser.Error, UnicodeError):
        # The parser's own message would quote the line, and that may be a key.
        raise KeyRingError("malformed", path=path) from None
    return dict(parser[SECTION]) if parser.has_section(SECTION) else {}


def _read_key(name, value, prefix):
    version = name.removeprefix(prefix)
    if not version.isdecimal() or int(version) < 1:
        raise KeyRingError("name", option=name)
    try:
        key = bytes.fromhex(value.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyRingError("length", option=name)
    return int(version), key
