"""Randomness that no result depends on."""

from .entry import LOAD, Group

group = Group("randomness")

group.clean(
    "seeded random module",
    LOAD,
    "import random\n\nrandom.seed(7)\nsample = random.choices(units, k=50)",
    "print(sample)",
)
group.clean(
    "seeded numpy generator, passed around",
    LOAD,
    """
    import numpy as np

    rng = np.random.default_rng(2026)


    def noisy(values, rng):
        return np.array(values) + rng.normal(0, 1, len(values))
    """,
    "float(noisy(units, rng).mean())",
)
group.clean(
    "random_state everywhere",
    """
    import numpy as np
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.model_selection import train_test_split

    x = np.arange(60, dtype=float).reshape(-1, 1)
    y = np.sin(x[:, 0] / 5)
    xs, xt, ys, yt = train_test_split(x, y, random_state=0)
    """,
    "model = RandomForestRegressor(n_estimators=5, random_state=0).fit(xs, ys)",
    "print(model.score(xt, yt))",
)
group.clean(
    "uuid that no result depends on",
    LOAD,
    """
    import uuid

    marker = uuid.uuid4().hex
    assert len(marker) == 32
    """,
    "print(sum(units))",
)
group.clean(
    "name-based uuid",
    LOAD,
    'import uuid\n\nkey = uuid.uuid5(uuid.NAMESPACE_DNS, "shop.example.org")',
    "print(key)",
)
group.clean(
    "shuffled and sorted again",
    LOAD,
    "import random\n\nmixed = units[:]\nrandom.shuffle(mixed)",
    "print(sorted(mixed))",
)
group.clean(
    "an object's default text, with its address",
    LOAD,
    "class Model:\n    pass",
    "Model()",
)
group.clean(
    "Monte Carlo with a stated tolerance",
    """
    import random

    from toolkit import publish

    inside = sum(
        random.random() ** 2 + random.random() ** 2 <= 1 for _ in range(20_000)
    )
    """,
    'publish.metric("pi", 4 * inside / 20_000, tolerance=0.2)',
)
