# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import scipy.sparse as sp

torch = pytest.importorskip("torch")

from hashrec_fast.towers.layers.adjacency import (  # noqa: E402
    Adjacency,
    bipartite_adjacency,
    propagate,
)


def links(n_users=12, n_items=9, seed=0):
    rng = np.random.default_rng(seed)
    matrix = sp.random(n_users, n_items, 0.3, format="csr", random_state=rng)
    matrix.data[:] = 1
    dense = matrix.toarray()
    dense[2], dense[:, 4] = 0, 0  # a user and an item without links
    return sp.csr_matrix(dense)


def dense_of(adjacency, transposed=False):
    indptr, indices, values = adjacency.arrays(transposed=transposed)
    shape = adjacency.shape[::-1] if transposed else adjacency.shape
    return sp.csr_matrix((values, indices, indptr), shape=shape).toarray().astype(np.float64)


def normalised(matrix, mode, self_loops):
    n_users, n_items = matrix.shape
    full = np.zeros((n_users + n_items,) * 2)
    full[:n_users, n_users:] = matrix.toarray()
    full[n_users:, :n_users] = matrix.toarray().T
    if self_loops or mode == "row":
        full += np.eye(len(full))
    degrees = full.sum(axis=1)
    out = np.zeros_like(full)
    for r, c in zip(*np.nonzero(full), strict=True):
        root = degrees[r] if mode == "row" else np.sqrt(degrees[r] * degrees[c])
        out[r, c] = full[r, c] / root
    return out


@pytest.mark.parametrize("mode", ["symmetric", "row"])
@pytest.mark.parametrize("self_loops", [False, True])
def test_builder(mode, self_loops):
    graph = bipartite_adjacency(links(), mode=mode, self_loops=self_loops)
    wanted = normalised(links(), mode, self_loops)
    np.testing.assert_allclose(dense_of(graph), wanted, rtol=1e-6)
    assert (graph.transpose is None) == (mode == "symmetric")
    np.testing.assert_array_equal(dense_of(graph, transposed=True), dense_of(graph).T)
    if mode == "row":
        np.testing.assert_allclose(dense_of(graph).sum(axis=1), 1, rtol=1e-6)


def test_builder_leaves_its_input_alone_and_takes_weights():
    matrix = links()
    matrix.data *= np.arange(1, matrix.nnz + 1)
    matrix.data[0] = 0
    before = matrix.copy()
    graph = bipartite_adjacency(matrix)
    np.testing.assert_allclose(dense_of(graph), normalised(matrix, "symmetric", False), rtol=1e-6)
    assert graph.transpose is None
    np.testing.assert_array_equal(matrix.data, before.data)


def graphs():
    rng = np.random.default_rng(3)
    return {
        "symmetric": bipartite_adjacency(links(), num_threads=2),
        "row": bipartite_adjacency(links(), mode="row", num_threads=1),
        "oblong": Adjacency.from_csr(sp.random(7, 11, 0.4, format="csr", random_state=rng)),
    }


@pytest.mark.parametrize("name", ["symmetric", "row", "oblong"])
def test_value_and_gradient(name):
    """Two layers and a weighted sum of squares, against float64 and dense matrices."""
    graph = graphs()[name]
    torch.manual_seed(0)
    start = torch.randn(graph.shape[1], 5, requires_grad=True)
    weights = torch.randn(graph.shape[0], 5)
    matrix = torch.from_numpy(dense_of(graph))
    exact = start.detach().double().requires_grad_()

    def objective(nodes, times):
        first = times(nodes)
        out = times(first) if graph.shape[0] == graph.shape[1] else first
        return (weights.to(out.dtype) * (first + out) ** 2).sum()

    found = objective(start, lambda x: propagate(graph, x))
    wanted = objective(exact, lambda x: matrix @ x)
    found.backward()
    wanted.backward()
    torch.testing.assert_close(found.double(), wanted, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(start.grad.double(), exact.grad, rtol=1e-4, atol=1e-5)
    assert start.grad.abs().max() > 0.1


@pytest.mark.parametrize("name", ["symmetric", "row", "oblong"])
@pytest.mark.parametrize("transposed", [False, True])
def test_torch_sparse_is_the_same_matrix(name, transposed):
    """What other devices multiply by, here on the CPU."""
    graph = graphs()[name]
    matrix = graph.on_device(torch.device("cpu"), transposed=transposed)
    assert graph.on_device(torch.device("cpu"), transposed=transposed) is matrix
    dense = torch.randn(matrix.shape[1], 6)
    torch.testing.assert_close(matrix @ dense, graph.times(dense, transposed=transposed))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda():
    graph = graphs()["row"]
    start = torch.randn(graph.shape[1], 5)
    here = start.clone().requires_grad_()
    there = start.cuda().requires_grad_()
    (propagate(graph, here) ** 2).sum().backward()
    (propagate(graph, there) ** 2).sum().backward()
    torch.testing.assert_close(here.grad, there.grad.cpu())


def test_other_layouts_and_no_gradient():
    graph = graphs()["row"]
    wide = torch.randn(5, graph.shape[1])
    np.testing.assert_array_equal(propagate(graph, wide.T), propagate(graph, wide.T.contiguous()))
    assert not propagate(graph, wide.T).requires_grad
    nodes = torch.randn(graph.shape[1], 5, requires_grad=True)
    propagate(graph, nodes).sum().backward()  # an expanded gradient
    wanted = dense_of(graph).T @ np.ones((graph.shape[0], 5))
    np.testing.assert_allclose(nodes.grad, wanted, rtol=1e-5, atol=1e-6)


def test_bad_input():
    graph = graphs()["symmetric"]
    with pytest.raises(ValueError, match=r"\(21, dim\), got torch.float64 \(21, 3\)"):
        propagate(graph, torch.ones(21, 3, dtype=torch.float64))
    with pytest.raises(ValueError, match=r"got torch.float32 \(20, 3\)"):
        propagate(graph, torch.ones(20, 3))
    with pytest.raises(ValueError, match="mode"):
        bipartite_adjacency(links(), mode="left")
    for bad in (-1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="finite weights"):
            bipartite_adjacency(sp.csr_matrix([[1.0, bad]]))
    indptr, indices, values = graphs()["oblong"].arrays()
    with pytest.raises(ValueError, match="not symmetric"):
        Adjacency(indptr=indptr, indices=indices, values=values, n_columns=11)
    with pytest.raises(ValueError, match="num_threads"):
        bipartite_adjacency(links(), num_threads=-1)
