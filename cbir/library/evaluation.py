"""How good a space is at retrieval: leave-one-out figures from vectors and labels.

Every picture is the query once and ranks all others. The measures are those of Manning, Raghavan
and Schütze, "Introduction to Information Retrieval" (2008), chapter 8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cbir.library.confusion import Confusion, Confusions
from cbir.library.membership import Membership
from cbir.library.rankings import ExactRanking, LshRanking
from cbir.records import RECALL, Float32Array, Int64Array, Method, Metric

MOST_QUERIES = 5000
"""Of more pictures, so many are the queries, chosen by chance but always the same."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures between 0 and 1, averaged over the queries.

    ``precision``: share of the ``k`` nearest that have a label of the query's;
    ``mean_average_precision`` over the full ranking, of which LSH finds only the beginning: what it
    does not compare counts as not found; ``nearest``: share of queries whose nearest neighbour has
    their label; ``chance``: what the precision of a ranking by chance would be. ``compared``
    vectors a query, on average. A picture alone in its class has nothing to find: it is ranked for
    others but is no query. ``confusions``: the pairs of labels most often confused, that first.
    """

    metric: Metric
    queries: int
    classes: int
    precision: float
    mean_average_precision: float
    nearest: float
    method: Method = "exact"
    k: int = 10
    chance: float = 0.0
    compared: float = 0.0
    confusions: tuple[Confusion, ...] = ()


def leave_one_out(
    vectors: Float32Array,
    labels: Int64Array | Membership,
    metric: Metric,
    k: int = 10,
    method: Method = "exact",
    recall: float = RECALL,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Evaluation:
    """Evaluates ``vectors`` (n, d) float32 with ``labels``.

    These are numbers, (n,) int64, or say which rows have which labels: then pictures that share one
    are alike. Precision is over k results, or over n − 1 where there are fewer, which the
    evaluation's own ``k`` tells. Equal distances rank in row order. LSH aims at ``recall``, as a
    search does. Takes about 200 MB besides the rows in float64, however many classes there are and
    however many of them a row has. ``progress`` is told how many queries are done of how many, and
    may raise to end it. Raises ValueError where shapes do not fit, k is below 1, or no label occurs
    twice.
    """
    members = labels if isinstance(labels, Membership) else Membership.of_labels(labels)
    _check(vectors, members, k)
    queries = _queries(members)
    k = min(k, len(vectors) - 1)
    ranking = (
        ExactRanking(vectors, metric)
        if method == "exact"
        else LshRanking(vectors, metric, k, recall)
    )
    confusions = Confusions(members)
    figures = []
    for start in range(0, queries.size, ranking.step):
        progress(start, queries.size)
        some = queries[start : start + ranking.step]
        order = ranking.order(some)
        alike = members.alike(some)
        right = np.take_along_axis(alike, np.maximum(order, 0), axis=1) & (order >= 0)
        confusions.add(some, order[:, :k], right[:, :k])
        figures.append(_figures(right, alike.sum(axis=1) - 1, len(vectors) - 1, k))
    confused = confusions.most(lambda: progress(queries.size, queries.size))
    precision, average, nearest, chance = np.concatenate(figures).mean(axis=0).tolist()
    return Evaluation(
        metric,
        queries.size,
        members.classes,
        precision,
        average,
        nearest,
        method,
        k,
        chance,
        ranking.compared,
        confused,
    )


def _check(vectors: Float32Array, members: Membership, k: int) -> None:
    if vectors.ndim != 2 or members.rows != len(vectors):
        raise ValueError(f"vectors {vectors.shape} and {members.rows} labelled rows do not fit")
    if k < 1:
        raise ValueError(f"k is {k}, but must be at least 1")


def _queries(members: Membership) -> Int64Array:
    """The rows that have something to find, or ``MOST_QUERIES`` of them."""
    queries = members.with_company()
    if not queries.size:
        raise ValueError("no label occurs twice: there is nothing to find")
    if queries.size > MOST_QUERIES:
        chosen = np.random.default_rng(0).choice(queries, MOST_QUERIES, replace=False)
        queries = np.sort(chosen)
    return queries


def _figures(
    right: NDArray[np.bool_], relevant: NDArray[np.int64], others: int, k: int
) -> NDArray[np.float64]:
    """(queries, 4): precision at k, average precision, is the nearest right, and by chance.

    ``right`` (queries, m) of the ranking's beginning, ``relevant`` pictures of all ``others``, of
    which there are at least k.
    """
    precisions = right.cumsum(axis=1) / np.arange(1, right.shape[1] + 1)
    average = (precisions * right).sum(axis=1) / relevant
    at_k = right[:, :k].sum(axis=1) / k
    return np.column_stack([at_k, average, right[:, 0], relevant / others])
