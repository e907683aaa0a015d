"""A function in a forked process: what it does to this one's memory stays there, only its result comes back."""

from __future__ import annotations

import os
import pickle
import traceback
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def in_a_fork(fn: Callable[[], T]) -> T:
    """Return what `fn` returns in a copy of this process. Only for a process with one thread and no running loop.

    Raises:
        RuntimeError: it failed; the traceback is on standard error.
    """
    result, answer = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(result)
            with os.fdopen(answer, "wb") as stream:
                pickle.dump(fn(), stream)
            status = 0
        except BaseException:  # noqa: BLE001 - nothing may get out into the parent's code
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(answer)
    with os.fdopen(result, "rb") as stream:
        written = stream.read()
    _, status = os.waitpid(pid, 0)
    if status:
        raise RuntimeError(f"a forked process failed (wait status {status})")
    returned: T = pickle.loads(written)  # noqa: S301 - our own process wrote it
    return returned
