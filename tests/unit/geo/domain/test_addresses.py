import pytest

from geo.domain.addresses import normalize, same_numbers


@pytest.mark.parametrize(
    "written",
    [
        "云溪区望山街道朝阳路12号3幢",
        "雲溪區望山街道朝陽路12號3幢".replace("雲", "云"),
        "云溪区 望山街道 朝阳路 １２号 ３幢",
        "云溪区望山街道朝阳路十二号三幢",
        "云溪区，望山街道（朝阳路）12号-3幢".replace("-", ""),
        "云溪区望山街道朝阳路一二号3幢",
    ],
)
def test_one_address_has_one_spelling(written):
    assert normalize(written) == "云溪区 望山街道 朝阳路 12号 3幢"


@pytest.mark.parametrize(
    ("numeral", "digits"),
    [
        ("十号", "10号"),
        ("一百零五号", "105号"),
        ("二千零六号", "2006号"),
        ("二十三弄", "23弄"),
        ("两百号", "200号"),
    ],
)
def test_house_numbers_stand_in_digits(numeral, digits):
    assert normalize(numeral) == digits


def test_names_keep_their_numerals():
    assert normalize("五一路三号") == "五一路 3号"


@pytest.mark.parametrize("text", ["", "%", "_", "…——", "\u3000"])
def test_signs_alone_are_nothing(text):
    assert normalize(text) == ""


@pytest.mark.parametrize(
    ("asked", "candidate", "same"),
    [
        ("朝阳路 12号", "朝阳路 12号 3幢", True),
        ("朝阳路 12号", "朝阳路 120号", False),
        ("朝阳路 12号", "朝阳路 2号", False),
        ("朝阳路 12号", "朝阳路 12弄 3号", False),
        ("朝阳路 12", "朝阳路 12弄", True),
        ("朝阳路 12-3号", "朝阳路 12号", False),
        ("朝阳路 12号 3幢", "朝阳路 12号", False),
        ("朝阳路", "朝阳路 12号", True),
    ],
)
def test_house_numbers_are_compared_whole(asked, candidate, same):
    assert same_numbers(asked, candidate) is same
