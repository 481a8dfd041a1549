"""The container files: compose against its published schema, the Dockerfile with hadolint."""

from . import files, output_of, tool


def compose(context):
    """Validate docker-compose.yml."""
    names = files("docker-compose.yml")
    if not names:
        return []
    return output_of([tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", *names])


def dockerfile(context):
    """Lint the Dockerfile."""
    names = files("docker/Dockerfile")
    return output_of([tool("hadolint"), "--no-color", *names]) if names else []


def shell(context):
    """Parse the shell scripts."""
    return [problem for name in files("docker/*.sh", ".ci/run") for problem in output_of(["bash", "-n", name])]
