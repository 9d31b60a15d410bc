"""The lattice of conditions and pairs: which are worse, and which add to the others."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from toolkit.analysis.error_analysis.conditions import Bools, Conditions

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
MIN_ROWS = 20
MIN_SHARE = 0.02  # of the rows searched
MIN_ENTITIES = 5
CHUNK = 512  # nodes tested at a time: bounds the memory
TINY = 1e-12  # a spread below it is rounding


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Lattice:
    """Conditions on rows that may be wrong, and the tests of their combinations.

    A node is a pair of conditions (a, b), or one alone as (a, a).

    Parameters
    ----------
    single : Conditions
    error : array of shape (n_rows,)
    entity : codes of shape (n_rows,), the rows of each entity together
    """

    single: Conditions
    error: Bools
    entity: Codes

    def members(self, nodes: Codes) -> Bools:
        """Return which rows are in each node, shape (n_rows, n_nodes)."""
        members = self.single.members
        return members[:, nodes[:, 0]] & members[:, nodes[:, 1]]

    def nodes(self) -> Codes:
        """Return all nodes that are large enough to be tested, shape (n_nodes, 2).

        Who is tested does not depend on who is wrong.
        """
        n = len(self.error)
        least = max(MIN_ROWS, int(np.ceil(MIN_SHARE * n)))
        counted = self.single.members.astype(np.float32)
        size = np.rint(counted.T @ counted).astype(np.intp)
        alone = np.diag(size)
        feature = np.array(self.single.features)
        differ = feature[:, None] != feature
        smaller = size < np.minimum(alone[:, None], alone)  # else it is its own parent
        pair = np.triu(differ & smaller, k=1)
        fit = (size >= least) & (size <= n - least)
        wanted = np.argwhere(fit & (pair | np.eye(len(size), dtype=bool)))
        entities = [
            self._per_entity(self.members(part)).astype(bool).sum(axis=0)
            for part in _chunks(wanted)
        ]
        return wanted[np.concatenate([np.empty(0), *entities]) >= MIN_ENTITIES]

    def test(self, nodes: Codes) -> Floats:
        """Return t of each node against all other rows."""
        parts = [self._score_test(self.members(part)) for part in _chunks(nodes)]
        return np.concatenate([np.empty(0), *parts])

    def test_within_parents(self, nodes: Codes) -> Floats:
        """Return the smaller t of each pair within its two parents; inf if alone."""
        t = np.full(len(nodes), np.inf)
        pairs = nodes[:, 0] != nodes[:, 1]
        for side in (0, 1):
            for parent in np.unique(nodes[pairs, side]):
                mine = np.flatnonzero(pairs & (nodes[:, side] == parent))
                within = self.among(self.single.members[:, int(parent)])
                t[mine] = np.minimum(t[mine], within.test(nodes[mine]))
        return t

    def among(self, rows: Bools) -> "Lattice":
        """Return the lattice over some of the rows."""
        single = Conditions(
            names=self.single.names,
            features=self.single.features,
            members=self.single.members[rows],
        )
        return Lattice(single=single, error=self.error[rows], entity=self.entity[rows])

    def p_values(self, t: Floats) -> Floats:
        """Return two-sided p-values, with a degree of freedom per entity but one."""
        entities = len(np.unique(self.entity))
        p: Floats = 2 * stats.t.sf(np.abs(t), max(entities - 1, 1))
        return p

    def prune(self, nodes: Codes, *, alpha: float, most: int) -> Codes:
        """Return which nodes still are worse on the rows that earlier ones leave over.

        A pair may lie within its own parent: that it adds to it is tested before.
        """
        kept: list[int] = []
        for at, (a, b) in enumerate(nodes):
            parents = [(a, a), (b, b)] if a != b else []
            surer = [one for one in kept if tuple(nodes[one]) not in parents]
            free = self.members(nodes[surer]).sum(axis=1) == 0
            t = self.among(free).test(nodes[[at]])
            if t.item() > 0 and self.p_values(t).item() <= alpha:
                kept.append(at)
            if len(kept) == most:
                break
        return np.array(kept, dtype=np.intp)

    def _per_entity(self, values: npt.NDArray[np.generic]) -> Floats:
        starts = np.flatnonzero(np.diff(self.entity, prepend=-1))
        sums: Floats = np.add.reduceat(values.astype(np.float64), starts, axis=0)
        return sums

    def _score_test(self, members: Bools) -> Floats:
        """Score test of inside against outside, its variance summed over entities."""
        residual = (self.error - self.error.mean())[:, None]
        inside = self._per_entity(members * residual)
        parts = inside - members.mean(axis=0) * self._per_entity(residual)
        spread = np.sqrt((parts**2).sum(axis=0))
        total = parts.sum(axis=0)
        t: Floats = np.divide(
            total, spread, out=np.zeros(len(total)), where=spread > TINY
        )
        return t


def _chunks(nodes: Codes) -> list[Codes]:
    return [nodes[at : at + CHUNK] for at in range(0, len(nodes), CHUNK)]
