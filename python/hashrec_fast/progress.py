# SPDX-License-Identifier: Apache-2.0
"""Progress of a fit: a bar on a terminal, a log record, the user's callback."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

logger = logging.getLogger("hashrec_fast")


class Progress:
    """Collector of a solver's reports, which shows a bar on a terminal only."""

    def __init__(
        self,
        title: str,
        show: bool,
        callback: Callable[[dict[str, Any]], None] | None,
    ) -> None:
        self._title, self._callback = title, callback
        self._show = show and sys.stderr.isatty()
        self._bar: Any = None

    def __enter__(self) -> Self:
        if self._show:
            from tqdm.auto import tqdm  # noqa: PLC0415 - only where a bar is drawn

            self._bar = tqdm(desc=self._title, unit="round", leave=False)
        return self

    def report(self, row: dict[str, Any]) -> None:
        """Take one row of measurements."""
        logger.debug("%s: %s", self._title, row)
        if self._bar is not None:
            shown = {k: f"{v:.4g}" for k, v in row.items() if isinstance(v, float)}
            self._bar.set_postfix(shown, refresh=False)
            self._bar.update()
        if self._callback is not None:
            self._callback(row)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()
