"""Letters as programs write them: charsets, shapes, quotes, attachments, machines."""

import base64
import quopri
from datetime import UTC, datetime
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juanchi.intake.channels.adapter import Arrival, Unreadable
from juanchi.intake.channels.mail import Letter, Reading, arrival_of
from juanchi.intake.channels.mail_text import own_words
from tests.intake.channels.post_office import letter

CAME = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
HOW = Reading(ZoneInfo("Asia/Shanghai"))
WORDS = "宝安区石岩街道海谷科技大厦旁的楼梯破损严重，镕先生说很危险。"


def taken(data: bytes, how: Reading = HOW, size: int | None = None) -> Arrival | Unreadable:
    return arrival_of(Letter(data, len(data) if size is None else size, CAME), how)


def arrival(data: bytes, how: Reading = HOW) -> Arrival:
    found = taken(data, how)
    assert isinstance(found, Arrival), found
    return found


def refused(data: bytes, how: Reading = HOW) -> str:
    found = taken(data, how)
    assert isinstance(found, Unreadable), found
    return found.problem


def raw(body: bytes, content_type: str, encoding: str = "8bit", subject: bytes = b"Hi") -> bytes:
    return (
        b"Message-ID: <1@x>\r\nFrom: a@b.example\r\nSubject: " + subject + b"\r\n"
        b"Content-Type: " + content_type.encode() + b"\r\n"
        b"Content-Transfer-Encoding: " + encoding.encode() + b"\r\n\r\n" + body
    )


@pytest.mark.parametrize("declared", ["gb2312", "GBK", "gb18030", "x-gbk", "iso-8859-1", "klingon"])
@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
def test_chinese_is_read_whatever_the_letter_says_of_it(declared: str, encoding: str) -> None:
    # 镕 is not in GB2312, and programs write it under that name.
    body = WORDS.encode("gb18030")
    if encoding == "base64":
        body = base64.encodebytes(body)
    elif encoding == "quoted-printable":
        body = quopri.encodestring(body)
    assert arrival(raw(body, f"text/plain; charset={declared}", encoding)).text == f"Hi\n{WORDS}"


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "big5", "hz-gb-2312", "iso-2022-jp"])
def test_other_charsets_are_read_too(charset: str) -> None:
    words = "路面" if charset != "iso-2022-jp" else "道路"
    body = base64.encodebytes(words.encode("hz" if charset.startswith("hz") else charset))
    assert arrival(raw(body, f"text/plain; charset={charset}", "base64")).text == f"Hi\n{words}"


@pytest.mark.parametrize(
    ("subject", "read_as"),
    [
        (b"=?GB2312?B?" + base64.b64encode("朱镕路灯".encode("gb18030")) + b"?=", "朱镕路灯"),
        ("路灯不亮".encode("gb18030"), "路灯不亮"),
        ("路灯不亮".encode(), "路灯不亮"),
        # A character cut in two between encoded words.
        (b"=?utf-8?B?6Lev54E=?= =?utf-8?B?r+S4jeS6rg==?=", "路灯不亮"),
        (b"=?utf-8?Q?Lamp_=E7=81=AF?= dark", "Lamp 灯 dark"),
        (b"=?utf-8?B?!!!?=", "=?utf-8?B?!!!?="),
        (b"=?nonsense?B?YWJj?=", "abc"),
        (b"a\r\n\tfolded subject", "a folded subject"),
        (b"\x00\x1b[31mred", "[31mred"),
    ],
)
def test_subjects_are_read_as_programs_write_them(subject: bytes, read_as: str) -> None:
    text = arrival(raw(b"x", "text/plain", subject=subject)).text
    assert text == f"{read_as}\nx"


def message(**headers: str) -> EmailMessage:
    found = EmailMessage()
    found["Message-ID"] = "<1@x>"
    found["From"] = '"Li, Lei" <LiLei@mail.example>'
    found["Subject"] = "楼梯"
    for name, value in headers.items():
        found[name.replace("_", "-")] = value
    return found


def test_of_alternatives_the_plain_one_is_read() -> None:
    mail = message()
    mail.set_content("plain words")
    mail.add_alternative("<p>html words</p>", subtype="html")
    assert arrival(mail.as_bytes()).text == "楼梯\nplain words"


def test_html_alone_is_read_as_a_person_sees_it() -> None:
    mail = message()
    html = "<head><style>p{x}</style></head><p>楼梯&nbsp;&lt;破&gt;</p><script>x()</script><br>危险"
    mail.set_content(html, subtype="html")
    assert arrival(mail.as_bytes()).text == "楼梯\n楼梯 <破>\n\n危险"


def test_an_empty_plain_part_gives_way_to_html() -> None:
    mail = message()
    mail.set_content("\n")
    mail.add_alternative("<p>html words</p>", subtype="html")
    assert arrival(mail.as_bytes()).text == "楼梯\nhtml words"


def test_attachments_are_named_and_never_read() -> None:
    mail = message()
    mail.set_content("see the pictures")
    mail.add_attachment(b"\xff\xd8", "image", "jpeg", filename="楼梯 1.jpg")
    mail.add_attachment("text of a file", filename="notes.txt")
    mail.add_attachment(b"x", "application", "zip", filename="../../etc/passwd\x1b")
    text = arrival(mail.as_bytes()).text
    assert text == "楼梯\nsee the pictures\n📎 楼梯 1.jpg\n📎 notes.txt\n📎 ../../etc/passwd"


def test_a_picture_alone_is_a_report_too() -> None:
    mail = message()
    mail.set_content(b"\xff\xd8", "image", "jpeg", filename="a.jpg")
    assert arrival(mail.as_bytes()).text == "楼梯\n📎 a.jpg"


def test_a_letter_within_a_letter_is_what_is_reported() -> None:
    inner = message()
    inner.replace_header("Subject", "原始投诉")
    inner.set_content("the stair is broken")
    outer = message()
    outer.set_content("please see below")
    outer.add_attachment(inner)
    text = arrival(outer.as_bytes()).text
    assert text == "楼梯\nplease see below\n原始投诉\nthe stair is broken"


def test_who_wrote_is_the_contact_and_not_in_the_text() -> None:
    found = arrival(letter(message_id="1@x"))
    assert found.contact == "lilei@mail.example"
    assert "lilei" not in found.text
    assert arrival(letter(Reply_To="me@home.example")).contact == "me@home.example"
    assert arrival(letter(From="nobody")).contact == ""


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Sun, 22 Nov 2026 15:00:00 +0800", datetime(2026, 11, 22, 7, tzinfo=UTC)),
        ("Sun, 22 Nov 2026 15:00:00", datetime(2026, 11, 22, 7, tzinfo=UTC)),
        ("Sun, 22 Nov 2036 15:00:00 +0800", CAME),
        ("yesterday", CAME),
        ("", CAME),
    ],
)
def test_no_letter_is_written_after_it_came_in(date: str, at: datetime) -> None:
    assert arrival(letter(Date=date)).reported_at == at


def test_without_an_id_of_its_own_the_head_is_its_id() -> None:
    one, other = letter("a"), letter("a", X_Received="another way")
    first = arrival(one).external_id
    assert first.startswith("sha256:")
    assert arrival(one).external_id == first
    assert arrival(other).external_id != first
    # However much of it is read.
    long = letter("a" * 5000)
    assert arrival(long[:3000]).external_id == arrival(long).external_id
    assert arrival(letter(message_id="i" * 300)).external_id.startswith("sha256:")


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-generated; owner=x"},
        {"Return-Path": "<>"},
        {"Precedence": "auto_reply"},
        {"X-Autoreply": "yes"},
        {"Content-Type": "multipart/report; boundary=x"},
    ],
)
def test_what_a_program_wrote_is_not_a_report_unless_it_is_wanted(headers: dict[str, str]) -> None:
    data = letter(**{name.replace("-", "_"): value for name, value in headers.items()})
    assert refused(data).startswith("written by a program (")
    assert isinstance(taken(data, Reading(HOW.zone, automatic=True)), Arrival)


def test_a_person_who_says_so_is_a_person() -> None:
    arrival(letter(Auto_Submitted="no", Return_Path="<lilei@mail.example>"))


QUOTED = {
    "gmail": "还是坏的\n\nOn Sun, 22 Nov 2026 at 15:00, City <c@x> wrote:\n> 已修好\n> 谢谢",
    "foxmail": "还是坏的\n------------------ 原始邮件 ------------------\n发件人: City\n已修好",
    "outlook": "还是坏的\n发件人: City <c@x>\n发送时间: 2026年11月22日\n收件人: Li\n已修好",
    "outlook in english": "还是坏的\nFrom: City\nSent: Sunday\nTo: Li\n已修好",
    "netease": "还是坏的\n---- 回复的原邮件 ----\n| 发件人 | City |\n已修好",
    "apple": "还是坏的\n\n在 2026年11月22日，City <c@x> 写道：\n\n已修好",
    "between": "> 已修好\n还是坏的\n> 谢谢",
}


@pytest.mark.parametrize("program", QUOTED)
def test_an_answer_is_read_without_what_it_answers(program: str) -> None:
    text = QUOTED[program]
    assert own_words(text) == "还是坏的"
    assert arrival(letter(text, "Re: 路灯")).text == "Re: 路灯\n还是坏的"
    assert "已修好" in arrival(letter(text, "Re: 路灯"), Reading(HOW.zone, quotes=True)).text
    # What is forwarded, or no answer, is the report itself.
    assert "已修好" in arrival(letter(text, "转发: 路灯")).text


def test_an_answer_that_only_quotes_is_left_whole() -> None:
    assert own_words("> 路灯不亮") == "> 路灯不亮"


def test_what_says_nothing_is_told_as_that() -> None:
    assert refused(letter("", "")) == "says nothing"
    found = taken(letter("", ""), size=10_000)
    assert isinstance(found, Unreadable)
    assert found.problem == "says nothing in the part that is read"


def test_parts_within_parts_are_read_to_a_depth() -> None:
    head = "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(300)
    )
    data = ("Message-ID: <1@x>\r\nSubject: x\r\n" + head).encode()
    assert refused(data) == "parts within parts within parts"


def test_a_long_letter_is_cut_and_its_attachments_are_still_named() -> None:
    mail = message()
    mail.set_content("长" * 50_000)
    for number in range(30):
        mail.add_attachment(b"x", "image", "png", filename=f"{number}-{'n' * 300}.png")
    text = arrival(mail.as_bytes()).text
    assert len(text) <= 20_000
    assert "📎 19-" in text
    assert "📎 20-" not in text


@given(st.binary(max_size=400))
def test_no_bytes_break_it(data: bytes) -> None:
    assert isinstance(taken(data), Arrival | Unreadable)
    assert isinstance(taken(letter(message_id="1@x") + data), Arrival | Unreadable)
    assert isinstance(taken(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" + data), object)
