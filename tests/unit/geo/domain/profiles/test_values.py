"""Single values of the rules: in what two documents differ."""

from __future__ import annotations

from itertools import combinations

import pytest

from geo.domain.profiles.documents import value_at
from geo.domain.profiles.values import differing, parts_differing
from geo.errors import BadValue
from geo.services.profile_documents import document_of, shipped_profiles

DOCUMENTS = {key: document_of(profile) for key, profile in shipped_profiles().items()}


@pytest.mark.parametrize(("before", "after"), list(combinations(DOCUMENTS, 2)))
def test_all_that_differs_is_told_once_with_its_part(before, after):
    one, other = DOCUMENTS[before], DOCUMENTS[after]
    found = parts_differing(one, other)
    told = [value for part in found for value in part.values]
    assert len({value.path for value in told}) == len(told) > 0
    known = {value.path: value for value in differing(one, other)}
    assert all(known[value.path] == value for value in told)
    for part in found:
        assert (part.before is None, part.after is None) == (absent(one, part.path), absent(other, part.path))
        assert part.told.path == part.path


def test_nothing_differs_from_itself():
    assert all(parts_differing(one, one) == () for one in DOCUMENTS.values())


def absent(document, path):
    try:
        return value_at(document, path) is None
    except BadValue:
        return True
