"""The picture of a report: both signs told apart, within a phone's width, and nothing in a name is obeyed."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib.image import imread
from reports import of, row

from bot import report_picture
from bot.report_picture import ROWS_MAX, draw

ROOT = Path(__file__).parents[1]
BLUE, VERMILION = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)


def pixels(png: bytes) -> Any:
    """Rows of red, green and blue from 0 to 255."""
    return (imread(BytesIO(png))[:, :, :3] * 255).round().astype(int)


def columns(image: Any, colour: tuple[int, int, int]) -> list[int]:
    """In which columns of pixels a colour is most of what there is of it: where its bars stand."""
    return [int(column) for column in ((image == colour).all(axis=2).sum(axis=0) > 30).nonzero()[0]]


def test_gains_are_bars_to_the_right_and_losses_to_the_left_in_other_colours() -> None:
    image = pixels(draw(of(row(1)), {}))
    middle = image.shape[1] // 2
    assert min(columns(image, BLUE)) >= middle - 2
    assert max(columns(image, VERMILION)) <= middle + 2
    lengths = [len(columns(image, colour)) for colour in (BLUE, VERMILION)]
    assert abs(lengths[0] - lengths[1]) <= 4


def test_it_is_as_wide_as_a_phone_and_never_endless() -> None:
    few = pixels(draw(of(row(1)), {}))
    many = of(*(row(n, currency=f"C{n % 9}", destination=f"coinw:{39_000_000 + n}") for n in range(1, 500)))
    assert len(many.flows) > ROWS_MAX
    long = pixels(draw(many, {}))
    assert few.shape[1] == long.shape[1] == 1080
    assert few.shape[0] < 700
    assert long.shape[0] <= 3600


def test_what_looks_like_a_formula_is_shown_as_it_is() -> None:
    names = {"htx:spot": r"$\frac$", "htx:linear-swap": "$"}
    plain = {"htx:spot": "spot", "htx:linear-swap": "swap"}
    assert draw(of(row(1)), names) != draw(of(row(1)), plain)


def test_what_was_moved_there_and_back_is_no_bar() -> None:
    image = pixels(draw(of(row(1), row(2, source="htx:linear-swap", destination="htx:spot")), {}))
    assert columns(image, VERMILION) == []


def test_it_leaves_no_trace_of_a_screen() -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from reports import of, row; from bot.report_picture import draw\n"
        "assert 'matplotlib' not in sys.modules\n"
        "assert draw(of(row(1)), {}).startswith(b'\\x89PNG')\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, cwd=ROOT)


def test_without_the_extra_it_says_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None\nfrom bot.report_picture import can_draw\nassert not can_draw()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, cwd=ROOT)
    assert report_picture.can_draw()
    assert "requirements-report.lock" in report_picture.HOW
