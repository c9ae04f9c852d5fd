"""Laws of the spelling of addresses."""

from hypothesis import given
from hypothesis import strategies as st

from geo.domain.addresses import normalize, same_numbers

written = st.text(
    alphabet="云溪区望山街道朝阳路市县镇村弄号幢单元楼室一二十百零３０12 9a-Z（），　%_號區", max_size=30
)


@given(written)
def test_normalizing_twice_is_normalizing_once(text):
    assert normalize(normalize(text)) == normalize(text)


@given(written)
def test_each_address_has_its_own_numbers(text):
    assert same_numbers(normalize(text), normalize(text))


@given(st.integers(1, 999), st.integers(1, 999))
def test_another_number_is_another_address(asked, there):
    assert same_numbers(normalize(f"朝阳路{asked}号"), normalize(f"朝阳路{there}号")) == (asked == there)
