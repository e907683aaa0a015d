"""Who may move what, when, and who must agree: a request, the rules and what was spent in, a verdict out. Pure.

`rules` says what a rule is, `decide` judges by them, `why` explains a verdict and finds the nearest one that passes.
"""

from __future__ import annotations

from bot.policy.decide import Request, Spent, Used, Verdict, decide, select, together
from bot.policy.rules import Hours, Quorum, Rule, Tier

__all__ = ["Hours", "Quorum", "Request", "Rule", "Spent", "Tier", "Used", "Verdict", "decide", "select", "together"]
