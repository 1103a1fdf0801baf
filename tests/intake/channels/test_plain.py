"""Markup, encodings and times by themselves: what feeds, servers and mail have in common."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from juanchi.intake.channels import plain
from juanchi.intake.channels.adapter import Arrival
from juanchi.intake.channels.decoding import decoded
from juanchi.intake.channels.times import moment

_ODD = st.sampled_from("<>!-/\"'&;=ab 楼\n\x00\x1b\ud800")
SHENZHEN = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>a &lt; b<br>c<script>alert(1)</script> d <b>bold", "a < b\nc d bold"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<a href=\"x>y\" title='>'>链接</a>", "链接"),
        ("看<img src=x alt='楼梯 &amp; 扶手'/>图", "看 楼梯 & 扶手 图"),
        ("x <!-- 看不见 --> y <!-- 没有结尾", "x y"),
        ("<STYLE>p{}</Style>文<svg><text>图</text></svg>", "文"),
        ("<script>没有结尾", "没有结尾"),
        ("İ<script>x</script>字", "İ字"),
        ("<p", "<p"),
        ("&#x4e2d;&nbsp;文&#0;", "中 文\ufffd"),
        ("<li>一</li><li>二</li>", "一\n\n二"),
    ],
)
def test_the_words_of_markup(markup: str, words: str) -> None:
    assert plain.from_html(markup) == words


@pytest.mark.parametrize(
    "piece", ["<b", "<", "<!--", "<a '", '<a x="', "</", "<script>", "<![CDATA[", "<?", "&", "&#"]
)
def test_markup_without_end_is_read_to_its_end(piece: str) -> None:
    # The standard library's parser takes minutes for some of these.
    assert len(plain.from_html(piece * (200_000 // len(piece)))) <= 400_000


@given(st.text(alphabet=_ODD, max_size=60))
def test_whatever_is_written_can_be_kept(markup: str) -> None:
    text = plain.from_html(markup)
    Arrival(external_id=plain.key(markup), text=plain.cut(text), contact=plain.line(markup))


@given(st.text(alphabet=_ODD, max_size=400))
def test_an_id_is_the_same_each_time_and_can_be_kept(text: str) -> None:
    assert plain.key(text) == plain.key(text)
    Arrival(external_id=plain.key(text), text="x")


@given(st.text(alphabet=st.sampled_from("路灯不亮楼梯破损严重请尽快处理"), min_size=4))
@example("严快不楼")
def test_chinese_is_read_in_either_encoding_whatever_is_declared(text: str) -> None:
    data = [text.encode("utf-8")]
    # Texts of 路 and 楼 alone are sound UTF-8 of another text: nothing tells them apart.
    data += [other for other in [text.encode("gb18030")] if not _is_utf8(other)]
    for one in data:
        for declared in ("", "utf-8", "gb2312", "iso-8859-1", "x-unknown"):
            assert decoded(one, f"text/html; charset={declared}") == text


def _is_utf8(data: bytes) -> bool:
    return "\ufffd" not in data.decode("utf-8", "replace")


def test_what_is_sound_utf8_is_that() -> None:
    assert decoded("路路路路".encode("gb18030")) == "····"


def test_latin_stays_latin() -> None:
    text = "Le café près du marché est fermé"
    assert decoded(text.encode("latin-1"), "text/xml; charset=iso-8859-1") == text


@given(st.binary(max_size=300))
def test_any_bytes_are_some_text(data: bytes) -> None:
    assert isinstance(decoded(data, "text/xml; charset=big5"), str)


@given(st.text(alphabet=st.sampled_from("0123456789-/:年月日 TZ+GMCS,x"), max_size=40))
def test_a_text_is_a_moment_or_none(text: str) -> None:
    found = moment(text, SHENZHEN)
    assert found is None or found.tzinfo is UTC


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001 - local
def test_a_local_time_is_read_as_it_was_meant(local: datetime) -> None:
    local = local.replace(microsecond=0)
    meant = local.replace(tzinfo=SHENZHEN)
    for form in ("%Y-%m-%d %H:%M:%S", "%Y年%m月%d日 %H时%M分%S秒", "%d %b %Y %H:%M:%S"):
        assert moment(local.strftime(form), SHENZHEN) == meant
    assert moment(local.strftime("%d %b %Y %H:%M:%S CST"), SHENZHEN) in (meant, None)
