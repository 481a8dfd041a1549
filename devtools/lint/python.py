"""Python: ruff's rules and format, pylint-odoo on the addons, manifests' licences."""

from ..paths import ADDONS, aptic_addons
from . import files, output_of, tool


def ruff(context):
    """Check rules and format."""
    return output_of([tool("ruff"), "check", "--quiet", "--no-cache", "."]) + output_of(
        [tool("ruff"), "format", "--check", "--quiet", "--no-cache", "."]
    )


def pylint_odoo(context):
    """Check the addons with OCA's rules."""
    names = aptic_addons()
    if not names:
        return []
    # The order counts. Fragments in readme/ stand for the README; a default may be spelled out in a manifest; a large
    # model is told in several files.
    less = "missing-readme,manifest-superfluous-key,consider-merging-classes-inherited"
    chosen = ["--disable=all", "--enable=odoolint", f"--disable={less}"]
    folders = [f"addons/{name}" for name in names]
    return output_of([tool("pylint"), "--rcfile=.pylintrc", "--score=no", *chosen, *folders])


def licences(context):
    """Check that every addon's licence agrees with those of its dependencies."""
    if not aptic_addons():
        return []
    paths = ",".join(map(str, [ADDONS, *context.module_folders()]))
    return output_of([tool("manifestoo"), "--addons-path", paths, "--select-addons-dir", str(ADDONS), "check-licenses"])


def sizes(context):
    """A file of more than 500 lines is more than one thing."""
    long = []
    for name in files("*.py", "*.js"):
        with open(name, encoding="utf-8") as stream:
            count = sum(1 for _ in stream)
        if count > 500:
            long.append(f"{name}: {count} lines")
    return long


def fix():
    """Let ruff mend and format what it can."""
    output_of([tool("ruff"), "check", "--quiet", "--no-cache", "--fix", "."])
    output_of([tool("ruff"), "format", "--quiet", "--no-cache", "."])
