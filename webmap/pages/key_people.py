"""The page of the register of key people, and of the looks at them."""

from __future__ import annotations

from collections.abc import Sequence

from geo.domain.privacy import KeyPerson, Look
from geo.domain.profiles.rules import Named
from webmap.pages.frame import Frame, render


def key_people_page(
    frame: Frame, people: Sequence[KeyPerson], looks: Sequence[Look], kinds: Sequence[Named]
) -> str:
    """Give the page of the register, masked, with the looks for those who supervise.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    people : sequence of KeyPerson
        Masked.
    looks : sequence of Look
        The latest first; empty for those who may not see them.
    kinds : sequence of Named
        What kinds are called.
    """
    named = {one.key: frame.translator.choose(one.name.zh, one.name.en) for one in kinds}
    return render("key_people.html", frame, people=people, looks=looks, kinds=kinds, named=named)
