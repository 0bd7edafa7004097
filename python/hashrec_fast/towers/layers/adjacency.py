# SPDX-License-Identifier: Apache-2.0
"""Adjacency of a graph, and propagation in torch: a compiled product with its gradient."""

from __future__ import annotations

import functools
import warnings
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast._utils import check_int
from hashrec_fast.kernels.propagation import csr_times_dense
from hashrec_fast.towers.lazy_torch import torch

CsrArrays = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]
"""``(indptr, indices, values)``."""

Normalisation = Literal["symmetric", "row"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Adjacency:
    """A sparse matrix for :func:`propagate`, with its transpose where that is another matrix.

    Parameters
    ----------
    indptr : ndarray of int64, shape (n_rows + 1,)
    indices : ndarray of int32, shape (n_entries,)
    values : ndarray of float32, shape (n_entries,)
    n_columns : int
    transpose : tuple of (indptr, indices, values), optional
        None says that the matrix is symmetric, which is not checked.
    num_threads : int
        Threads of the compiled product, 0 = all. Results do not depend on it.

    Raises
    ------
    ValueError
        A matrix without transpose is not square.

    Examples
    --------
    >>> import numpy as np, scipy.sparse as sp
    >>> Adjacency.from_csr(sp.csr_matrix(np.array([[0.0, 1.0], [1.0, 0.0]]))).transpose is None
    True
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    values: NDArray[np.float32]
    n_columns: int
    transpose: CsrArrays | None = None
    num_threads: int = 0
    _on_devices: dict[tuple[str, bool], torch.Tensor] = field(
        default_factory=dict, init=False, repr=False
    )

    def __post_init__(self) -> None:
        check_int(self.n_columns, "n_columns", minimum=0)
        check_int(self.num_threads, "num_threads", minimum=0)
        if self.transpose is None and self.shape[0] != self.shape[1]:
            raise ValueError(f"a matrix of shape {self.shape} is not symmetric: give its transpose")

    @classmethod
    def from_csr(cls, matrix: sp.spmatrix, *, num_threads: int = 0) -> Adjacency:
        """Take over any scipy matrix; symmetry is found out by comparing it with its transpose."""
        matrix, flipped = sorted_csr(matrix), sorted_csr(matrix.T)
        arrays, transposed = _arrays(matrix), _arrays(flipped)
        same = matrix.shape == flipped.shape and all(
            np.array_equal(arrays[i], transposed[i]) for i in range(3)
        )
        indptr, indices, values = arrays
        return cls(
            indptr=indptr,
            indices=indices,
            values=values,
            n_columns=matrix.shape[1],
            transpose=None if same else transposed,
            num_threads=num_threads,
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.indptr) - 1, self.n_columns

    def arrays(self, *, transposed: bool = False) -> CsrArrays:
        """The matrix or its transpose."""
        if transposed and self.transpose is not None:
            return self.transpose
        return self.indptr, self.indices, self.values

    def times(self, dense: torch.Tensor, *, transposed: bool = False) -> torch.Tensor:
        """Product ``A @ dense`` or ``A' @ dense``, without gradient.

        On the CPU by the compiled product: float32 only, the same bits for every number of threads.
        On another device by torch's own sparse product, whose sums may come in any order.
        """
        n_rows, n_columns = self.shape[::-1] if transposed else self.shape
        if dense.ndim != 2 or dense.shape[0] != n_columns or dense.dtype != torch.float32:
            raise ValueError(
                f"dense must be float32 of shape ({n_columns}, dim), "
                f"got {dense.dtype} {tuple(dense.shape)}"
            )
        dense = dense.detach()
        if dense.device.type != "cpu":
            return self.on_device(dense.device, transposed=transposed) @ dense
        out = torch.empty((n_rows, dense.shape[1]), dtype=torch.float32)
        csr_times_dense(
            *self.arrays(transposed=transposed),
            dense.contiguous().numpy(),
            num_threads=self.num_threads,
            out=out.numpy(),
        )
        return out

    def on_device(self, device: torch.device, *, transposed: bool = False) -> torch.Tensor:
        """The matrix or its transpose as a torch CSR tensor, copied to a device once."""
        shape = self.shape[::-1] if transposed else self.shape
        key = (str(device), transposed and self.transpose is not None)
        if key not in self._on_devices:
            indptr, indices, values = self.arrays(transposed=transposed)
            with warnings.catch_warnings():  # torch calls its CSR tensors a beta, once
                warnings.simplefilter("ignore", UserWarning)
                matrix = torch.sparse_csr_tensor(
                    torch.tensor(indptr),
                    torch.tensor(indices, dtype=torch.int64),
                    torch.tensor(values),
                    size=shape,
                    check_invariants=True,
                )
                self._on_devices[key] = matrix.to(device)
        return self._on_devices[key]


@functools.cache
def _product() -> type[torch.autograd.Function]:
    """The product for autograd; a function makes the class, which needs torch."""

    class Propagate(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, adjacency: Adjacency, dense: torch.Tensor) -> torch.Tensor:
            ctx.adjacency = adjacency
            return adjacency.times(dense)

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[None, torch.Tensor | None]:
            if not ctx.needs_input_grad[1]:
                return None, None
            return None, ctx.adjacency.times(gradients[0], transposed=True)

    return Propagate


def propagate(adjacency: Adjacency, dense: torch.Tensor) -> torch.Tensor:
    """Product ``A @ dense`` with gradient ``A' @ g``; no second derivatives.

    Parameters
    ----------
    adjacency : Adjacency
    dense : Tensor of float32, shape (n_columns, dim)
        On the CPU, or on a CUDA device, where torch's sparse product takes over.

    Returns
    -------
    Tensor of float32, shape (n_rows, dim)

    Raises
    ------
    ValueError
        ``dense`` has another dtype or shape.

    Examples
    --------
    >>> import numpy as np, scipy.sparse as sp, torch
    >>> graph = bipartite_adjacency(sp.csr_matrix(np.array([[1.0, 1.0]])))
    >>> nodes = torch.tensor([[1.0], [2.0], [4.0]], requires_grad=True)  # a user, two items
    >>> out = propagate(graph, nodes)
    >>> (out.detach() * 2**0.5).flatten().numpy().round(4).tolist()
    [6.0, 1.0, 1.0]
    """
    return _product().apply(adjacency, dense)  # type: ignore[no-any-return, no-untyped-call]


def bipartite_adjacency(
    user_items: sp.csr_matrix,
    *,
    mode: Normalisation = "symmetric",
    self_loops: bool = False,
    num_threads: int = 0,
) -> Adjacency:
    """The normalised graph of users and items; nodes are users, then items.

    With ``A`` the symmetric matrix that holds ``user_items`` and its transpose, plus ones on the
    diagonal with ``self_loops``, and ``D`` its row sums: ``mode="symmetric"`` gives
    ``D^-1/2 A D^-1/2`` (LightGCN), ``mode="row"`` gives ``D^-1 (A + I)``, the mean of a node and
    its neighbours, with self loops always. A node without links gets zeros.

    Parameters
    ----------
    user_items : csr_matrix, shape (n_users, n_items)
        Weights of the links, at least 0; stored zeros are no links.
    mode : {"symmetric", "row"}
    self_loops : bool
    num_threads : int
        Goes into the adjacency.

    Returns
    -------
    Adjacency
        Square, of side ``n_users + n_items``; values are computed in float64, then rounded.

    Raises
    ------
    ValueError
        Unknown mode, or a weight that is negative or not finite.

    Examples
    --------
    >>> import numpy as np, scipy.sparse as sp
    >>> graph = bipartite_adjacency(sp.csr_matrix(np.array([[1, 1], [0, 0]])))
    >>> graph.shape, graph.indices.tolist(), (graph.values**2).round(4).tolist()
    ((4, 4), [2, 3, 0, 0], [0.5, 0.5, 0.5, 0.5])
    """
    if mode not in ("symmetric", "row"):
        raise ValueError(f"mode must be 'symmetric' or 'row', got {mode!r}")
    links = sp.csr_matrix(user_items, dtype=np.float64, copy=True)
    links.eliminate_zeros()
    if links.nnz and not (np.isfinite(links.data).all() and links.data.min() > 0):
        raise ValueError("user_items must hold finite weights, at least 0")
    graph = sp.block_array([[None, links], [links.T, None]], format="csr")
    if self_loops or mode == "row":
        graph = graph + sp.eye_array(graph.shape[0], format="csr")
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    power = -0.5 if mode == "symmetric" else -1.0
    scale = np.zeros_like(degrees)
    np.power(degrees, power, out=scale, where=degrees > 0)
    graph = sorted_csr(graph)
    rows = np.repeat(np.arange(graph.shape[0]), np.diff(graph.indptr))
    # the two scales are multiplied first: their product is the same from both ends of a link
    factors = scale[rows] * scale[graph.indices] if mode == "symmetric" else scale[rows]
    graph.data *= factors
    return Adjacency.from_csr(graph, num_threads=num_threads)


def sorted_csr(matrix: sp.spmatrix) -> sp.csr_matrix:
    """A CSR copy with rising, unique columns in every row."""
    matrix = sp.csr_matrix(matrix, copy=True)
    matrix.sum_duplicates()
    return matrix


def _arrays(matrix: sp.csr_matrix) -> CsrArrays:
    return (
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int32),
        matrix.data.astype(np.float32),
    )
