"""Figures of many rounds as text: medians, quartiles, and ratios of rounds."""

import statistics


class Metric:
    """A column: how it is computed from one measurement, and which way is
    better."""

    def __init__(self, title, digits, better, of):
        self.title = title
        self.digits = digits
        self.better = better
        self.of = of


GIB = 1 << 30
THROUGHPUT = (
    Metric("GiB/s", 2, "more", lambda m: m["bytes"] / GIB / (m["ns"] / 1e9)),
    Metric("CPU-s/GiB", 2, "less",
           lambda m: m["cpu_s"] / (m["bytes"] / GIB) if "cpu_s" in m
           else None),
)
RENDEZVOUS = (
    Metric("per CPU-s", 0, "more",
           lambda m: m["n"] / m["cpu_s"] if m["cpu_s"] else None),
    Metric("per s", 0, "more", lambda m: m["n"] / (m["ns"] / 1e9)),
    Metric("p50 us", 0, "less", lambda m: m["p50_ns"] / 1e3),
    Metric("p99 us", 0, "less", lambda m: m["p99_ns"] / 1e3),
)


def _spread(values, digits):
    """The median and, behind it, the quartiles."""
    if not values:
        return "-"
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return (f"{middle:.{digits}f} "
            f"({low:.{digits}f}..{high:.{digits}f})")


def _values(metric, measurements):
    """Round by round; None where there is no figure."""
    return [metric.of(m) if m else None for m in measurements]


def _row(name, metrics, columns, digits=None):
    cells = [_spread([v for v in column if v is not None],
                     metric.digits if digits is None else digits)
             for metric, column in zip(metrics, columns)]
    return f"  {name:<21}" + "".join(f"{cell:<22}" for cell in cells)


def _ratios(metric, ours, theirs):
    """Each round's own ratio, so that what slowed a round slowed both."""
    return [a / b for a, b in zip(_values(metric, ours),
                                  _values(metric, theirs)) if a and b]


def table(title, metrics, measurements, notes, ours):
    """Text of one scenario: measurements[name] has one entry a round, None
    where it failed; notes[name] says why a name has none."""
    lines = [f"  {title:<21}" + "".join(
        f"{f'{m.title} ({m.better})':<22}" for m in metrics)]
    for name, rounds in measurements.items():
        if name in notes:
            lines.append(f"  {name:<21}{notes[name]}")
        if any(rounds):
            columns = [_values(m, rounds) for m in metrics]
            lines.append(_row(name, metrics, columns))
    for name, rounds in measurements.items():
        if name != ours and any(rounds) and any(measurements[ours]):
            columns = [_ratios(m, measurements[ours], rounds)
                       for m in metrics]
            lines.append(_row(f"{ours} / {name}", metrics, columns, 2))
    return "\n".join(line.rstrip() for line in lines)
