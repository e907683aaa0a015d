"""What the benchmarks rest on: how a percentile is counted, who judges a transfer, and what a sender imports."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

# Behind everything else: these scripts have names that libraries have too.
sys.path.append(str(Path(__file__).parent / "bench"))

from figures import at
from transfer import ENVIRON, Client, exchange, seen
from transfer_client import SECRET


@pytest.mark.parametrize(
    ("values", "percent", "value"),
    [
        (range(1, 101), 99, 99),
        (range(1, 101), 50, 50),
        ([3, 1, 2], 50, 2),
        ([4, 3, 2, 1], 50, 2),
        ([1, 2, 3], 99, 3),
        ([7], 1, 7),
        ([1, 2], 100, 2),
    ],
)
def test_a_percentile_is_a_value_that_was_measured(values, percent, value):
    assert at(values, percent) == value


@pytest.mark.parametrize("kind", ["desk-htx", "desk-coinw"])
def test_the_transfer_that_is_measured_is_one_the_exchange_would_take(kind):
    with exchange() as url:
        client = Client(kind, url, "0.00000001")
        assert len(client.transfers(2)) == 2
        client.close()
        found = seen(url)
    assert (found.amount, found.problem(SECRET)) == ("0.00000001", "")
    assert found.problem("another-secret-key") == "its signature is wrong"
    assert replace(found, query=found.query | {"api_key": "x", "AccessKeyId": "x"}).problem(SECRET)


def test_a_sender_imports_no_more_than_it_sends_with():
    tell = "import sys, bot.exchanges.htx, bot.exchanges.coinw; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", tell], env=ENVIRON, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "httpx" in loaded
    assert not loaded & {
        "pydantic",
        "slack_sdk",
        "slack_bolt",
        "aiohttp",
        "sqlite_utils",
        "bot.config",
    }
