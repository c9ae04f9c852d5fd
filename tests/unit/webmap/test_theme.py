import re
from pathlib import Path

import numpy as np
import pytest

from webmap import theme

STATIC = Path(theme.__file__).parent / "static"


def luminance(colour):
    channels = np.array([int(colour[n : n + 2], 16) for n in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_scale_rises_for_eyes_that_see_no_colour():
    lightness = [luminance(colour) for colour in theme.SEQUENTIAL]
    assert lightness == sorted(lightness)
    assert min(np.diff(lightness)) > 0.04


@pytest.mark.parametrize("ink", [theme.INK, theme.MUTED, theme.ACCENT, theme.OVERDUE])
@pytest.mark.parametrize("paper", [theme.PAPER, theme.CANVAS])
def test_text_can_be_read(ink, paper):
    assert contrast(ink, paper) >= 4.5


def test_no_meaning_shares_its_colour():
    colours = [*theme.SEQUENTIAL, *theme.HOT, *theme.COLD, *theme.DENSITY, theme.OVERDUE, theme.PENDING]
    assert len(set(colours)) == len(colours)


def test_stylesheets_and_scripts_of_maps_name_no_colour_of_their_own():
    for file in (STATIC / "css/map.css", STATIC / "js/map.js"):
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b", file.read_text(encoding="utf-8"))


def test_every_property_that_the_map_uses_is_written():
    written = set(re.findall(r"--([\w-]+):", theme.css_properties()))
    used = set(re.findall(r"var\(--([\w-]+)\)", (STATIC / "css/map.css").read_text(encoding="utf-8")))
    used |= set(re.findall(r'colour\("([\w-]+)"\)', (STATIC / "js/map.js").read_text(encoding="utf-8")))
    assert used
    assert used <= written
