"""Charts drawn on the server as inline SVG: no script, no style attribute (the policy forbids both).

Sizes are in em and per cent, never in a viewBox: the figures keep the reader's own type size on a 320 px phone
and at 200 % zoom, which a scaled drawing would shrink. Colours live in charts.css.
"""

from collections.abc import Iterable

from markupsafe import Markup

ROW = 2.75  # em: one line of words, one bar, some air
TOP = 1.9  # em: the line that names the target
BAR = 0.85  # em

Point = tuple[str, float | None, str]


def attendance_chart(
    points: Iterable[Point],
    target: float | None,
    *,
    title: str,
    not_reported: str,
    target_word: str,
    key: str = "attendance",
) -> Markup:
    """Twelve months of attendance, one row a month.

    points: (label of the month, rate 0..1 or None when nothing was reported, the figure in words such as
    "118/123 = 95,9 %"), in the order to be shown. target: 0..1 or None. key: unique in the page. A month not
    reported is a broken outline with its own words, never an empty bar: it is not a zero.
    """
    rows = list(points)
    drawn = [_month(index, point, target, not_reported) for index, point in enumerate(rows)]
    words = "; ".join(f"{label}: {text if rate is not None else not_reported}" for label, rate, text in rows)
    return Markup(
        '<svg class="chart" role="img" width="100%" height="{height}em" aria-labelledby="{id}-t {id}-d">'
        '<title id="{id}-t">{title}</title><desc id="{id}-d">{words}.</desc>{target}{rows}</svg>'
    ).format(
        height=_em(TOP + ROW * len(rows)),
        id=key,
        title=title,
        words=words,
        target=_target_name(target, target_word),
        rows=Markup("").join(drawn),
    )


def percent(rate: float) -> str:
    """0.9 -> "90 %", 0.959 -> "95,9 %"."""
    return f"{100 * rate:.1f}".removesuffix(".0").replace(".", ",") + " %"


def _month(index: int, point: Point, target: float | None, not_reported: str) -> Markup:
    label, rate, text = point
    top = TOP + ROW * index
    words = Markup(
        '<text class="c-month" x="0" y="{y}em">{label}</text>'
        '<text class="{kind}" x="100%" y="{y}em" text-anchor="end">{text}</text>'
    ).format(
        y=_em(top + 1),
        label=label,
        kind="c-note" if rate is None else "c-fig",
        text=not_reported if rate is None else text,
    )
    if rate is None:
        return words + _bar(top, "c-none", 1.0)
    low = target is not None and rate < target
    bars = _bar(top, "c-rail", 1.0) + _bar(top, "c-low" if low else "c-bar", rate)
    return words + bars + (_gaps(top, rate) if low else Markup("")) + _mark(top, target)


def _bar(top: float, kind: str, rate: float) -> Markup:
    return Markup('<rect class="{kind}" x="0" y="{y}em" width="{width}%" height="{height}em"/>').format(
        kind=kind, y=_em(top + 1.4), width=_per_cent(rate), height=_em(BAR)
    )


def _gaps(top: float, rate: float) -> Markup:
    """Below the target the bar is broken by gaps, so that colour is not the only sign."""
    cuts = [
        Markup('<line class="c-gap" x1="{x}%" x2="{x}%" y1="{a}em" y2="{b}em"/>').format(
            x=x, a=_em(top + 1.4), b=_em(top + 1.4 + BAR)
        )
        for x in range(4, int(_clamp(rate) * 100), 4)
    ]
    return Markup("").join(cuts)


def _mark(top: float, target: float | None) -> Markup:
    if target is None:
        return Markup("")
    return _tick(target, top + 1.25, BAR + 0.3)


def _target_name(target: float | None, word: str) -> Markup:
    if target is None:
        return Markup("")
    side = "end" if target > 0.5 else "start"
    name = Markup('<text class="c-note" x="{x}%" y="1em" text-anchor="{side}">{word} {rate}</text>')
    words = name.format(x=_per_cent(target), side=side, word=word, rate=percent(target))
    return _tick(target, 1.25, 0.5) + words


def _tick(target: float, top: float, height: float) -> Markup:
    return Markup('<rect class="c-target" x="{x}%" y="{y}em" width="3" height="{height}em"/>').format(
        x=_per_cent(target), y=_em(top), height=_em(height)
    )


def _clamp(rate: float) -> float:
    return min(max(rate, 0.0), 1.0)


def _per_cent(rate: float) -> str:
    return f"{100 * _clamp(rate):.1f}".removesuffix(".0")


def _em(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
