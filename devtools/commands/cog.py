"""Renew the official geographic code (COG) that aptic_base carries, from the npm package of Etalab.

Regions, departments, intercommunalities (EPCI) and municipalities of France with their INSEE codes and postal codes
are written to addons/aptic_base/data/cog/territories.csv; the package's version is the vintage (6.0.0 = COG 2026).
"""

import csv
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from ..paths import ADDONS
from ..ui import ApticError, say, step

NEEDS_ENVIRONMENT = False
PACKAGE = "@etalab/decoupage-administratif"
VERSION = "6.0.0"
TARGET = ADDONS / "aptic_base/data/cog/territories.csv"
COLUMNS = ("kind", "code", "name", "parent", "epci", "postal_codes")
COUNTRY = "FR"


def arguments(parser):
    """Add the options of the command."""
    parser.add_argument("--version", default=VERSION, help=f"version of {PACKAGE} (default {VERSION} = COG 2026)")


def run(options):
    """Fetch the package, convert it, say what it holds."""
    if not shutil.which("npm"):
        raise ApticError("npm is missing", "apt-get install npm")
    with tempfile.TemporaryDirectory(prefix="aptic-cog-") as folder:
        with step(f"{PACKAGE} {options.version}"):
            data = _fetch(options.version, Path(folder))
        rows = convert(data)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    with open(TARGET, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    for kind in dict.fromkeys(row[0] for row in rows):
        say(f"  {kind}: {sum(1 for row in rows if row[0] == kind)}")
    say(f"{TARGET}: {TARGET.stat().st_size // 1024} kB; note the vintage in the README beside it")


def _fetch(version, folder):
    line = ["npm", "pack", "--silent", f"{PACKAGE}@{version}"]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)
    archives = list(folder.glob("*.tgz"))
    if done.returncode or not archives:
        raise ApticError(f"npm could not fetch {PACKAGE}@{version}:\n{done.stderr.strip()}")
    data = {}
    with tarfile.open(archives[0]) as archive:
        for name in ("regions", "departements", "epci", "communes"):
            data[name] = json.load(archive.extractfile(f"package/data/{name}.json"))
    return data


def convert(data):
    """Return the rows of the data file, parents before their children.

    Municipal arrondissements (Paris, Lyon, Marseille), delegated and associated municipalities are left out: a place
    lies in a municipality of today. Overseas collectivities count as a region and a department of the same code, as
    in the package.

    :param data: dictionary with the package's ``regions``, ``departements``, ``epci`` and ``communes``
    """
    epci_of = {member["code"]: group["code"] for group in data["epci"] for member in group["membres"]}
    rows = [("country", COUNTRY, "France", "", "", "")]
    rows += [("region", area["code"], area["nom"], COUNTRY, "", "") for area in data["regions"]]
    rows += [("department", area["code"], area["nom"], area["region"], "", "") for area in data["departements"]]
    rows += sorted(("epci", group["code"], group["nom"], COUNTRY, "", "") for group in data["epci"])
    rows += sorted(
        (
            "commune",
            town["code"],
            town["nom"],
            town["departement"],
            epci_of.get(town["code"], ""),
            " ".join(sorted(town.get("codesPostaux", ()))),
        )
        for town in data["communes"]
        if town["type"] == "commune-actuelle"
    )
    return rows
