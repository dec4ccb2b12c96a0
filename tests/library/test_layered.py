from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cbir.library.layered import Layered

KEYS = st.integers(0, 12)
CHANGES = st.lists(st.tuples(st.dictionaries(KEYS, st.integers()), st.sets(KEYS)), max_size=12)


@settings(derandomize=True, deadline=None)
@given(st.dictionaries(KEYS, st.integers()), CHANGES)
def test_is_a_dict_and_leaves_old_versions_alone(
    bottom: dict[int, int], changes: list[tuple[dict[int, int], set[int]]]
) -> None:
    model = dict(bottom)
    versions = [(Layered(bottom), dict(model))]
    for put, drop in changes:
        for key in drop:
            model.pop(key, None)
        model.update(put)
        versions.append((versions[-1][0].changed(put, drop), dict(model)))
    for version, expected in versions:
        assert {key: version.get(key) for key in range(13)} == {
            key: expected.get(key) for key in range(13)
        }
        over = dict(version.overlay())
        merged = {**bottom, **over}
        assert {key: value for key, value in merged.items() if value is not None} == expected


def test_many_changes_merge_and_stay_right() -> None:
    nothing: dict[int, int] = {}
    layered = Layered(nothing)
    for start in range(0, 5000, 50):
        layered = layered.changed({key: key * 2 for key in range(start, start + 50)})
    layered = layered.changed({7: 1}, range(2000, 3000))
    assert layered.get(7) == 1
    assert layered.get(2500) is None
    assert layered.get(4999) == 9998
    assert sum(value is not None for _, value in layered.overlay()) == 4000
