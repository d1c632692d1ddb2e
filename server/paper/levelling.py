"""Follows the lines of writing across a page: how they must be shifted to lie level, and which way the page is up.

The page is cut into upright strips. Ink is summed along the rows of each, and the sums of strips are laid against
those of their neighbours: where they agree best is how much the writing climbs from one to the other. Lines of
writing, of tables and of ruled paper all count, and none has to be found.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from server.paper.outline import Floats, Pixels

STRIPS = 20  # columns in which the rows of writing are compared with those of their neighbours
BANDS = 24  # places down the page where they are compared
NEAR = (((1,), 9), ((1, 2, 4), 5))  # round by round: strips apart, and the most px they are shifted
PAPER_GRAIN = 31  # px: ink is what is darker than its surroundings of this size
DARKEST = 60  # grey levels: no stroke counts for more, be it a photo or a stamp
ROW_PITCH = 41  # px of rows over which the sums are centred: about two lines of writing
NOISE = 25.0  # power of the sums of bare paper
LEAST_LIKENESS = 0.4  # of two strips' rows, from which they count
LEAST_SIGHTS = 40  # comparisons that count, or the page is left as it is
DEGREE_ACROSS, DEGREE_DOWN = 5, 3  # of the surface the shifts are fitted with
STIFFNESS = 2e-3  # how much the surface resists bending where there is no writing
SLACK = 0.7  # px: comparisons farther than this from the surface count little
SIDEWAYS = 0.5  # rows this much weaker than columns: the writing runs up or down
UPRIGHT_ROWS = 2.0  # rows this much stronger than columns: surely lines of writing
UPSIDE_DOWN = (
    0.06  # lines have sharp feet and ragged heads, with their accents; above, it is the other way round
)


class Sights(NamedTuple):
    """Comparisons of strips: shares of the page across (``left``, ``right``) and ``down``, the ``shift`` of the right
    one in shares of the height, and how ``sure`` it is.
    """

    left: Floats
    right: Floats
    down: Floats
    shift: Floats
    sure: Floats


def rows_of(draft: Pixels) -> Floats:
    """The ink in each row of each strip (H, STRIPS), centred: bare paper is about 0."""
    ink = cv2.subtract(cv2.blur(draft, (PAPER_GRAIN, PAPER_GRAIN)), cv2.blur(draft, (2, 2)))
    strong = np.minimum(ink, DARKEST).astype(np.float32)
    rows = cv2.resize(strong, (STRIPS, draft.shape[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(rows - cv2.blur(rows, (1, ROW_PITCH)), np.float32)


def quarter_turns(draft: Pixels) -> int:
    """How many quarters clockwise the page must be turned for its writing to stand upright; 0 when unsure."""
    rows, columns = rows_of(draft), rows_of(np.ascontiguousarray(np.rot90(draft, -1)))
    ratio = float(rows.var()) / (float(columns.var()) + 1e-6)
    if ratio < SIDEWAYS and columns.var() > NOISE:
        return 1 if _headlong(columns) <= 0 else 3
    return 2 if ratio > UPRIGHT_ROWS and rows.var() > NOISE and _headlong(rows) > UPSIDE_DOWN else 0


def level(draft: Pixels, nth: int) -> Floats | None:
    """The surface of shifts that brings the writing of a draft level, see ``shift_at``; None where too little of it
    can be followed. ``nth`` counts the rounds from 0: the first one takes large steps, the second one fine ones.
    """
    lags, reach = NEAR[nth]
    parts = [_compare(rows_of(draft), lag, reach) for lag in lags]
    sights = Sights(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    return _fit(sights, draft.shape[0])


def shift_at(surface: Floats, across: Floats, down: Floats) -> Floats:
    """How far below its level place a point of the page lies, in shares of the height."""
    return _terms(np.clip(across, 0, 1), np.clip(down, 0, 1)) @ surface


def _headlong(rows: Floats) -> float:
    """From -1 to 1: negative where ink ends more sharply downwards than it begins."""
    steps = np.diff(cv2.GaussianBlur(rows, (1, 3), 0.8), axis=0)
    return float((steps**3).sum() / ((np.abs(steps) ** 3).sum() + 1e-6))


def _compare(rows: Floats, lag: int, reach: int) -> Sights:
    height = len(rows)
    window = (1, 2 * (height // BANDS) + 1)
    bands = (np.arange(BANDS) + 0.5) / BANDS
    at = (bands * height).astype(int)
    power = cv2.blur(rows * rows, window)
    left, right, scores = rows[:, :-lag], rows[:, lag:], []
    for step in range(-reach, reach + 1):
        moved, strength = (np.roll(part, -step, axis=0) for part in (right, power[:, lag:]))
        both = cv2.blur(np.ascontiguousarray(left * moved), window)[at]
        scores.append(both / np.sqrt((power[:, :-lag] * strength)[at] + NOISE))
    shift, sure = _peaks(np.stack(scores))
    middles = (np.arange(STRIPS - lag) + 0.5) / STRIPS
    across, down = np.meshgrid(middles, bands)
    columns: list[Floats] = [across, across + lag / STRIPS, down, (shift - reach) / height, sure]
    return Sights(*(column.ravel() for column in columns))


def _peaks(scores: Floats) -> tuple[Floats, Floats]:
    """Where along the first axis the scores are highest, between the samples, too, and how sure that is."""
    best = np.clip(scores.argmax(axis=0), 1, len(scores) - 2)
    before, peak, after = (np.take_along_axis(scores, (best + step)[None], 0)[0] for step in (-1, 0, 1))
    bow = np.minimum(before - 2 * peak + after, -1e-6)
    sure = np.where((peak > before) & (peak >= after), np.clip(peak - LEAST_LIKENESS, 0, None), 0)
    return best + np.clip(0.5 * (before - after) / bow, -1, 1), sure


def _fit(sights: Sights, height: int) -> Floats | None:
    """The smooth surface whose differences from strip to strip are the shifts: least squares, deaf to outliers."""
    seen = sights.sure > 0
    if np.count_nonzero(seen) < LEAST_SIGHTS:
        return None
    left, right, down, shift, sure = (column[seen] for column in sights)
    columns = _terms(right, down) - _terms(left, down)
    stiff = _stiffness() * STIFFNESS * float(sure.sum())
    weights = sure
    for _ in range(8):
        solved = np.linalg.solve((columns.T * weights) @ columns + stiff, (columns.T * weights) @ shift)
        weights = sure / (1 + ((shift - columns @ solved) * height / SLACK) ** 2)
    return solved


def _terms(across: Floats, down: Floats) -> Floats:
    """Products of Legendre polynomials; none that is level across the page, for nothing tells its height."""
    first = np.polynomial.legendre.legvander(2 * across - 1, DEGREE_ACROSS)[..., 1:]
    second = np.polynomial.legendre.legvander(2 * down - 1, DEGREE_DOWN)
    return (first[..., :, None] * second[..., None, :]).reshape(*np.shape(across), -1)


def _stiffness() -> Floats:
    """Resistance of each term, rising with its bends."""
    orders = [(i, j) for i in range(1, DEGREE_ACROSS + 1) for j in range(DEGREE_DOWN + 1)]
    return np.diag([0.02 * (i - 1) ** 2 + 0.05 * j**2 + 1e-4 for i, j in orders])
