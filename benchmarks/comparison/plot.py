"""A bar chart that can be read on light and on dark pages."""

from collections.abc import Mapping
from pathlib import Path

GRAY, STRONG = "#808890", "#2f8fd8"


def draw(a_minute: Mapping[str, float], path: Path) -> None:
    """Submissions a minute, a bar for each tool, labeled with its figure."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.fonttype"] = "path"
    matplotlib.rcParams["svg.hashsalt"] = "throughput"
    from matplotlib import pyplot

    tools = sorted(a_minute, key=lambda tool: a_minute[tool])
    figure, axes = pyplot.subplots(figsize=(7, 0.55 * len(tools) + 0.6))
    colors = [STRONG if tool == "gradkit" else GRAY for tool in tools]
    bars = axes.barh(tools, [a_minute[tool] for tool in tools], color=colors, height=0.6)
    axes.bar_label(bars, fmt="%.1f", padding=5, color=GRAY, fontsize=11)
    axes.set_title("submissions a minute", loc="left", color=GRAY, fontsize=11)
    axes.tick_params(left=False, bottom=False, labelbottom=False, labelcolor=GRAY, labelsize=11)
    axes.spines[:].set_visible(False)
    axes.margins(x=0.12)
    figure.savefig(path, transparent=True, bbox_inches="tight", metadata={"Date": None})
    pyplot.close(figure)
