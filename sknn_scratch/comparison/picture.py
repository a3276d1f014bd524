"""A picture of a comparison: the scores of each fold, and the mean times."""

from collections.abc import Callable
from contextlib import suppress
from math import ceil, floor, log10
from typing import Any

from .column import listed
from .comparison import BASELINE, TIMES, Comparison

LONGEST_TITLE = 80


def draw(comparison: Comparison, tell: Callable[[str], object]) -> Any:
    """Return a matplotlib figure of a comparison; `tell` is handed what the title lacks."""
    from matplotlib.figure import Figure

    models = [model for model in comparison.folds if model != BASELINE] or [BASELINE]
    names = comparison.shown_scores
    figure = Figure(figsize=(3 * len(names) + 5.5, 3.4), layout="constrained")
    title, fonts = _title(comparison.problem.name, tell)
    figure.suptitle(title, family=fonts, parse_math=False)
    *panels, times = figure.subplots(1, len(names) + 1, sharey=True)
    for panel, name in zip(panels, names, strict=True):
        _draw_score(panel, comparison, models, name)
    _draw_times(times, comparison, models)
    panels[0].set_yticks(range(len(models)), models)
    panels[0].set_ylim(len(models) - 0.5, -0.5)
    return figure


def _draw_score(panel: Any, comparison: Comparison, models: list[str], name: str) -> None:
    for place, model in enumerate(models):
        mean, _ = comparison.mean_and_std(model, name)
        if mean is not None:
            scores = [fold.scores[name] for fold in comparison.folds[model]]
            panel.plot(scores, [place] * len(scores), "o", color="tab:blue", alpha=0.5)
            panel.plot(mean, place, "|", color="black", markersize=22)
    baseline, _ = comparison.mean_and_std(BASELINE, name)
    panel.set_xlim(panel.get_xlim())  # of the models: the baseline may be far away
    if baseline is not None:
        panel.axvline(baseline, color="gray", linestyle=":")
    of_baseline = "n/a" if baseline is None else f"{baseline:z.3f}"
    panel.set(xlabel=f"{name} of each fold, | mean\n(baseline {of_baseline})")
    panel.locator_params(axis="x", nbins=4)
    panel.ticklabel_format(axis="x", useOffset=False)


def _draw_times(panel: Any, comparison: Comparison, models: list[str]) -> None:
    seconds = {time: [comparison.mean_time(model, time) for model in models] for time in TIMES}
    for (time, values), marker in zip(seconds.items(), "^os", strict=True):
        places = [place for place, value in enumerate(values) if value > 0]
        if places:
            panel.plot([values[place] for place in places], places, marker, label=time)
    found = [value for values in seconds.values() for value in values if value > 0]
    first, last = floor(log10(min(found))), floor(log10(max(found))) + 1
    decades = [10.0**exponent for exponent in range(first, last + 1, ceil((last - first) / 5))]
    panel.set(xscale="log", xlim=(10.0**first, 10.0**last), xlabel="mean time of a fold")
    panel.set_xticks(decades, [f"{time:g} s" if time >= 1 else f"{1000 * time:g} ms" for time in decades])
    panel.minorticks_off()
    panel.grid(axis="x", alpha=0.3)
    panel.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)


def _title(name: str, tell: Callable[[str], object]) -> tuple[str, list[str]]:
    """Return a title of a name, with question marks for what no installed font has, and the fonts to draw it with."""
    from matplotlib.font_manager import FontProperties, findfont, findSystemFonts, fontManager, get_font

    def drawn(font: str, characters: set[str]) -> set[str]:
        with suppress(OSError, RuntimeError):  # a damaged font
            return {character for character in characters if get_font(font).get_char_index(ord(character))}
        return set()

    name = name if len(name) <= LONGEST_TITLE else f"{name[: LONGEST_TITLE - 3]}..."
    usual = FontProperties()
    families = usual.get_family()
    lacking = set(name) - drawn(findfont(usual), set(name))
    if lacking:
        # What is installed now: matplotlib's list may be old. A last resort has a box for every character.
        fonts = [font for font in sorted(findSystemFonts()) if "lastresort" not in font.lower()]
        found = {font: drawn(font, lacking) for font in fonts}
        best = max(fonts, key=lambda font: (len(found[font]), "Sans" in font, "Regular" in font), default=None)
        if best and found[best]:
            fontManager.addfont(best)
            families, lacking = [*families, get_font(best).family_name], lacking - found[best]
    if lacking:
        tell(f"No installed font has {listed(sorted(lacking))}: the title of the picture has question marks there.\n")
    return "".join("?" if character in lacking else character for character in name), families
