# SPDX-License-Identifier: Apache-2.0
"""Channel between devices and server, the only one: every message can be seen and counted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from hashrec_fast.solvers.federation.messages import DOWN, UP, Message

M = TypeVar("M", bound=Message)


class Channel:
    """Carrier of messages, which counts their bytes.

    Parameters
    ----------
    watch : callable or None
        Called with ``("down" | "up", message)`` before a message is handed over.

    Attributes
    ----------
    n_bytes : dict
        Bytes of the arrays of all messages so far, by direction. A broadcast counts once per
        device that hears it.

    Examples
    --------
    >>> import numpy as np
    >>> from hashrec_fast.solvers.federation import BitFlips, Channel
    >>> channel = Channel()
    >>> _ = channel.down(BitFlips(bit=0, items=np.array([3, 4], np.int32)), listeners=10)
    >>> channel.n_bytes["down"]
    80
    """

    def __init__(self, watch: Callable[[str, Message], None] | None = None) -> None:
        self._watch = watch
        self.n_bytes = {"down": 0, "up": 0}

    def down(self, message: M, *, listeners: int) -> M:
        """Hand a message of the server over to so many devices."""
        return self._hand_over("down", message, DOWN, listeners)

    def up(self, message: M) -> M:
        """Hand a message of devices over to the server."""
        return self._hand_over("up", message, UP, 1)

    def _hand_over(self, direction: str, message: M, kinds: tuple[type, ...], times: int) -> M:
        if type(message) not in kinds:
            names = ", ".join(kind.__name__ for kind in kinds)
            raise TypeError(f"only {names} may go {direction}, got {type(message).__name__}")
        parts = (getattr(message, field.name) for field in dataclasses.fields(message))
        size = sum(part.nbytes for part in parts if isinstance(part, np.ndarray))
        self.n_bytes[direction] += times * size
        if self._watch is not None:
            self._watch(direction, message)
        return message
