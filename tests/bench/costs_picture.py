"""Draws what a reconcile costs: bytes and seconds over the keys that differ, for each size of the state."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib

matplotlib.use("svg")

from matplotlib import pyplot

COLOURS = ("#1b6ca8", "#d1720f", "#3a8f4d", "#8d4bab")
LINES = {"v1": "--", "v2": "-"}
MARKS = {("v1", "go"): "o", ("v1", "rust"): "+", ("v2", "go"): "s", ("v2", "rust"): "x"}


def draw(costs: Mapping[tuple[str, int, int, str], tuple[int, float]], path: Path) -> None:
    """Draw one picture.

    Args:
        costs: bytes and seconds, by language, keys, keys that differ, and algorithm.
        path: where the SVG goes.
    """
    matplotlib.rcParams["svg.hashsalt"] = "driftcheck"  # the same figures, the same file
    matplotlib.rcParams["svg.fonttype"] = "none"  # text stays text
    figure, panels = pyplot.subplots(2, 1, figsize=(11, 8), layout="constrained")
    sizes = sorted({keys for _, keys, _, _ in costs})
    for panel, (place, what) in zip(panels, enumerate(("bytes", "seconds")), strict=True):
        for keys, colour in zip(sizes, COLOURS, strict=False):
            for algorithm, line in LINES.items():
                for language in ("go", "rust"):
                    mark = MARKS[algorithm, language]
                    points = sorted(
                        (differing, cost[place])
                        for (lang, size, differing, alg), cost in costs.items()
                        if (lang, size, alg) == (language, keys, algorithm)
                    )
                    if place == 0 and language == "rust":
                        continue  # the bytes are the same
                    label = f"{algorithm}, {keys:,} keys" + (f", {language}" if place else "")
                    panel.plot(
                        *zip(*points, strict=True),
                        linestyle=line,
                        marker=mark,
                        color=colour,
                        label=label,
                        lw=1.2,
                    )
        panel.set(xscale="log", yscale="log", xlabel="keys that differ", ylabel=what)
        panel.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
        panel.grid(alpha=0.3)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
