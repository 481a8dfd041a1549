"""Figures by nested groups in which no small group shows, nor can be found by subtraction. Plain Python.

The groups are one tree (months, then regions, departments, municipalities): a group is split only into parts that are
each large enough; what is too small stays together as « others », together with the smallest large part where that is
needed for the others to be large enough too. Each level is decided from the one above it alone, so that the tables of
all levels agree, and the difference of any two of them is large enough too.
"""

OTHERS = None


def shown(rows, depth, least):
    """Return the groups of a level that may be shown.

    :param rows: pairs ``(path, figures)``: the group's key at each level, and its figures, of which the first (the
        number of acts) decides
    :param int depth: how many levels to show
    :param int least: the smallest number of acts that may be shown
    :return: list of ``(path, figures)`` with paths of ``depth`` keys; ``OTHERS`` in the place of the keys from the
        level on at which small groups stay together. Empty when there are fewer than ``least`` acts at all.
    """
    rows = list(rows)
    if _total(rows)[:1] < (least,):
        return []
    return _split(rows, (), depth, least)


def _split(rows, path, depth, least):
    if len(path) == depth:
        return [(path, _total(rows))]
    groups = {}
    for row in rows:
        groups.setdefault(row[0][len(path)], []).append(row)
    by_size = sorted(groups, key=lambda key: (_total(groups[key])[0], str(key)))
    small = [key for key in by_size if _total(groups[key])[0] < least]
    large = by_size[len(small) :]
    others = [row for key in small for row in groups[key]]
    if others and _total(others)[0] < least and large:
        others += groups[large.pop(0)]
    found = [entry for key in sorted(large, key=str) for entry in _split(groups[key], (*path, key), depth, least)]
    if others:
        found.append(((*path, *[OTHERS] * (depth - len(path))), _total(others)))
    return found


def _total(rows):
    return tuple(map(sum, zip(*(figures for _path, figures in rows), strict=True))) or (0,)
