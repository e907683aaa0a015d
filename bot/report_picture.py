"""A report as a picture: what each account gained or lost, as bars that a phone can show. Needs the extra `report`."""

from __future__ import annotations

from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING

from bot.report import Flow, Report
from bot.report_text import Names, currencies, period, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HOW = "For the picture install matplotlib: `pip install --require-hashes -r requirements-report.lock`."

ROWS_MAX = 20  # bars in one picture; a longer one would be too small to read on a phone
LINE_MAX = 44  # characters of an account's name and its net flow together

# Okabe and Ito's blue and vermilion: told apart by everybody. The sign stands beside each bar as well.
_GAIN, _LOSS, _INK, _FAINT = "#0072B2", "#D55E00", "#1D1C1D", "#767676"
_WIDTH_IN, _DPI = 7.2, 150  # 1080 pixels, a phone's width
_TITLE_IN, _HEAD_IN, _ROW_IN, _FOOT_IN, _MARGIN_IN = 1.05, 0.6, 0.85, 0.55, 0.3
_LARGE, _MIDDLE, _SMALL = 22, 18, 16  # points


def can_draw() -> bool:
    """Tell whether the extra is installed."""
    return find_spec("matplotlib") is not None


def draw(report: Report, accounts: Names) -> bytes:
    """Draw the net flow of every account, a panel for each currency, as PNG.

    Call it only where `can_draw`, and off the event loop: the first picture loads a library for about a second.
    """
    # The object interface: pyplot would keep every figure in a global list, and choose a screen to draw on.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels, left_out = _panels(report)
    rows = sum(map(len, panels.values()))
    height = _TITLE_IN + len(panels) * _HEAD_IN + rows * _ROW_IN + _FOOT_IN
    figure = Figure(figsize=(_WIDTH_IN, height), dpi=_DPI, facecolor="white")
    FigureCanvasAgg(figure)
    margin = _MARGIN_IN / _WIDTH_IN
    top = height - _TITLE_IN
    figure.text(margin, 1 - 0.25 / height, "Net flow", fontsize=_LARGE, weight="bold", color=_INK, va="top")
    figure.text(margin, 1 - 0.67 / height, period(report), fontsize=_SMALL, color=_FAINT, va="top", parse_math=False)
    for currency, flows in panels.items():
        box_in = _HEAD_IN + len(flows) * _ROW_IN
        axes = figure.add_axes((margin, (top - box_in) / height, 1 - 2 * margin, box_in / height))
        _panel(axes, currency, flows, accounts)
        top -= box_in
    foot = f"{report.done} of {report.requests} requests done." + (
        f" {left_out} more in the table." if left_out else ""
    )
    figure.text(margin, 0.2 / height, foot, fontsize=_SMALL, color=_FAINT, va="bottom", parse_math=False)
    written = BytesIO()
    figure.savefig(written, format="png")
    return written.getvalue()


def _panels(report: Report) -> tuple[dict[str, list[Flow]], int]:
    """Choose what is drawn: of each currency the accounts with the largest change. Returns how many are left out."""
    panels: dict[str, list[Flow]] = {}
    room = ROWS_MAX
    for currency in currencies(report):
        flows = [flow for flow in report.flows if flow.currency == currency]
        largest = sorted(flows, key=lambda flow: -abs(flow.net))[:room]
        if largest:
            panels[currency] = sorted(largest, key=lambda flow: (-flow.net, flow.account))
        room -= len(largest)
    return panels, len(report.flows) - (ROWS_MAX - room)


def _panel(axes: Axes, currency: str, flows: list[Flow], accounts: Names) -> None:
    """Draw one currency: each account's name and net flow, and beneath them a bar from the middle to its side."""
    # Floats are good enough for the length of a bar; every figure is written from its Decimal.
    longest = max((abs(float(flow.net)) for flow in flows), default=0.0) or 1.0
    heads = _HEAD_IN / _ROW_IN
    axes.set_xlim(-longest, longest)
    axes.set_ylim(len(flows), -heads)
    axes.axis("off")
    axes.text(-longest, -heads * 0.35, currency, fontsize=_MIDDLE, weight="bold", color=_INK, parse_math=False)
    for row, flow in enumerate(flows):
        colour = _GAIN if flow.net >= 0 else _LOSS
        net = signed(flow.net)
        name = _short(accounts.get(flow.account, flow.account), LINE_MAX - len(net))
        axes.text(-longest, row + 0.42, name, fontsize=_SMALL, color=_INK, parse_math=False)
        axes.text(longest, row + 0.42, net, fontsize=_SMALL, color=colour, ha="right", weight="bold", parse_math=False)
        axes.barh(row + 0.66, float(flow.net), height=0.26, color=colour)
        axes.plot([0, 0], [row + 0.5, row + 0.82], color=_FAINT, linewidth=1.5)


def _short(name: str, length_max: int) -> str:
    """Cut a long name in its middle: both ends tell accounts apart."""
    if len(name) <= length_max:
        return name
    tail = length_max // 2
    return f"{name[: length_max - tail - 1]}…{name[-tail:]}"
