# SPDX-License-Identifier: Apache-2.0
"""The state of a training loop in one file, so that a killed run goes on where it was."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from hashrec_fast._utils import atomic_write
from hashrec_fast.towers.base import TowerNetwork
from hashrec_fast.training.averaging import RunningMean
from hashrec_fast.training.early_stopping import EarlyStopping

FORMAT = "hashrec_fast.checkpoint"
VERSION = 1


class Checkpoint:
    """Parameters, optimiser, generators, best state and history; nothing where there is no path.

    Parameters
    ----------
    path : Path or None
    user_items : csr_matrix
        The training pairs; a state learnt from other ones is refused.
    network, optimizer, mean, sampling, watch, history
        The loop's own objects, read by :meth:`save` and overwritten by :meth:`restore`.
    """

    def __init__(
        self,
        path: Path | None,
        user_items: sp.csr_matrix,
        network: TowerNetwork,
        optimizer: torch.optim.Optimizer,
        mean: RunningMean,
        sampling: np.random.Generator,
        watch: EarlyStopping,
        history: list[dict[str, Any]],
    ) -> None:
        self._path, self._network, self._optimizer = path, network, optimizer
        self._mean = mean
        self._data = "" if path is None else fingerprint(user_items)
        self._sampling, self._watch, self._history = sampling, watch, history

    def save(self, epoch: int) -> None:
        """Write the state after ``epoch`` epochs, whole or not at all.

        Raises
        ------
        FloatingPointError
            Where training could not go on from it; the file stays as it is.
        """
        from safetensors.torch import save  # noqa: PLC0415 - import time

        if self._path is None:
            return
        for name, values in self._network.named_parameters():
            if not torch.isfinite(values).all():
                raise FloatingPointError(
                    f"{name} is no longer finite after {epoch} epochs; "
                    "lower learning_rate or set clip_norm"
                )
        tensors = {f"network.{k}": v for k, v in self._network.state_dict().items()}
        tensors |= {f"best.{k}": v for k, v in self._watch.state.items()}
        tensors |= {f"mean.{k}": v for k, v in self._mean.values.items()}
        for i, state in self._optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{i}.{k}": torch.as_tensor(v) for k, v in state.items()}
        tensors["generator.cpu"] = torch.get_rng_state()
        if torch.cuda.is_available():
            tensors["generator.cuda"] = torch.cuda.get_rng_state()
        header = {
            "format": FORMAT,
            "version": VERSION,
            "epoch": epoch,
            "sampling": self._sampling.bit_generator.state,
            "history": self._history,
            "mean_steps": self._mean.steps,
            "watch": [self._watch.best, self._watch.best_epoch, self._watch.misses],
            "shapes": self._shapes(),
            "data": self._data,
        }
        whole = {k: v.detach().cpu().contiguous().clone() for k, v in tensors.items()}
        content = save(whole, metadata={"state": json.dumps(header)})
        with atomic_write(self._path) as stream:
            stream.write(content)

    def restore(self) -> int:
        """The epoch to go on with: 0 where there is no file.

        Raises
        ------
        ValueError
            For a file that is no checkpoint, or one of another model or of other data.
        """
        if self._path is None or not self._path.exists():
            return 0
        header, tensors = self._read(self._path)
        if header["shapes"] != self._shapes():
            raise ValueError(
                f"{self._path} is the checkpoint of another model: it has parameters "
                f"{header['shapes']}, this one {self._shapes()}"
            )
        if header["data"] != self._data:
            raise ValueError(
                f"{self._path} is the checkpoint of a run on other training data; "
                "give the same data, or remove the file"
            )
        self._network.load_state_dict(_part(tensors, "network"))
        self._watch.state = _part(tensors, "best")
        self._watch.best, self._watch.best_epoch, self._watch.misses = header["watch"]
        for name, value in _part(tensors, "mean").items():
            self._mean.values[name].copy_(value)
        self._mean.steps = header["mean_steps"]
        states: dict[int, dict[str, Tensor]] = {}
        for name, tensor in _part(tensors, "optimizer").items():
            place, _, key = name.partition(".")
            states.setdefault(int(place), {})[key] = tensor
        whole = self._optimizer.state_dict()
        self._optimizer.load_state_dict({**whole, "state": states})
        torch.set_rng_state(tensors["generator.cpu"])
        if "generator.cuda" in tensors and torch.cuda.is_available():
            torch.cuda.set_rng_state(tensors["generator.cuda"])
        self._sampling.bit_generator.state = header["sampling"]
        self._history[:] = header["history"]
        return int(header["epoch"])

    def _shapes(self) -> dict[str, list[int]]:
        return {k: list(v.shape) for k, v in self._network.state_dict().items()}

    @staticmethod
    def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
        from safetensors import SafetensorError, safe_open  # noqa: PLC0415 - import time

        try:
            with safe_open(path, framework="pt") as file:
                header = json.loads((file.metadata() or {}).get("state", "{}"))
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except SafetensorError as error:
            raise ValueError(f"{path} is not a whole checkpoint: {error}") from None
        if header.get("format") != FORMAT or header["version"] > VERSION:
            raise ValueError(f"{path} is not a checkpoint that this package can read")
        return header, tensors


def fingerprint(user_items: sp.csr_matrix) -> str:
    """Digest of shape, pattern and values."""
    digest = hashlib.sha256(repr(user_items.shape).encode())
    for array, kind in (
        (user_items.indptr, np.int64),
        (user_items.indices, np.int64),
        (user_items.data, np.float64),
    ):
        digest.update(np.ascontiguousarray(array, dtype=kind).tobytes())
    return digest.hexdigest()


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k[len(prefix) + 1 :]: v for k, v in tensors.items() if k.startswith(prefix + ".")}
