"""The processes of a server under test."""

import subprocess


def children(pid):
    """``(pid, command line)`` of a process's children."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,args="], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    found = (line.split(None, 2) for line in listed.splitlines())
    return [(int(one), line) for one, parent, line in found if int(parent) == pid]
