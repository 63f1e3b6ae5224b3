"""Marks as Telegram reads them: texts, entities in UTF-16 units, and refusals word for word."""

from __future__ import annotations

import html
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from emulators.telegram_markup import BadMarkup, read_marked, units


def read(text: str, mode: str = "HTML", **more: Any) -> tuple[str, list[tuple[str, int, int]]]:
    marked = read_marked(text, mode, **more)
    return marked.text, [(one.type, one.offset, one.length) for one in marked.entities]


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>đậm</b> thường", "đậm thường", [("bold", 0, 3)]),
        ("😀 <strong>sau</strong>", "😀 sau", [("bold", 3, 3)]),
        ("<b>😀</b>", "😀", [("bold", 0, 2)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("1 &lt; 2 &amp; 3 &gt; 2 &quot;x&quot; &#233; & &nbsp;", '1 < 2 & 3 > 2 "x" é & &nbsp;', []),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;", []),
        ("<u>a</u> <s>b</s> <tg-spoiler>c</tg-spoiler> <span class='tg-spoiler'>d</span>", "a b c d",
         [("underline", 0, 1), ("strikethrough", 2, 1), ("spoiler", 4, 1), ("spoiler", 6, 1)]),
        ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
        ("<code>/start a@b.vn <b>x</b></code>", "/start a@b.vn x", [("code", 0, 15)]),
        ("  <b> hai đầu </b>\n", "hai đầu", [("bold", 0, 7)]),
        ("<b> </b>x", "x", []),
        ("a</", "a</", None),
        ("<a href='kein'>x</a>", "x", []),
    ],
)  # fmt: skip
def test_html(source: str, text: str, entities: list[tuple[str, int, int]] | None) -> None:
    if entities is None:
        with pytest.raises(BadMarkup):
            read(source)
    else:
        assert read(source) == (text, entities)


def test_what_entities_have_besides() -> None:
    source = '<a href="https://x.vn/?a=1&amp;b=2">nút</a><pre><code class="language-python">x</code></pre>'
    assert [dict(one.more) for one in read_marked(source, "HTML").entities] == [
        {"url": "https://x.vn/?a=1&b=2"},
        {"language": "python"},
    ]
    source = r"[nút](https://x\.vn/\)) ![👍](tg://emoji?id=5368324170671202286) ```sh" + "\nls```"
    assert [dict(one.more) for one in read_marked(source, "MarkdownV2").entities] == [
        {"url": "https://x.vn/)"},
        {"custom_emoji_id": "5368324170671202286"},
        {"language": "sh"},
    ]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("đ<font>x</font>", 'Unsupported start tag "font" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b ===>x</b>", "Unclosed start tag at byte offset 0"),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b><i>x</b></i>", 'Unmatched end tag, expected "</i>", found "</b>" at byte offset 7'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_html_refused(source: str, words: str) -> None:
    with pytest.raises(BadMarkup) as refused:
        read(source)
    assert str(refused.value) == f"can't parse entities: {words}"


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("*b* _i_ __u__ ~s~ ||p|| `c`", "b i u s p c",
         [("bold", 0, 1), ("italic", 2, 1), ("underline", 4, 1), ("strikethrough", 6, 1), ("spoiler", 8, 1),
          ("code", 10, 1)]),
        (r"1\.000 \- 2\!", "1.000 - 2!", []),
        (r"`a.b!c\`d`", "a.b!c`d", [("code", 0, 7)]),
        ("*a _b_*", "a b", [("bold", 0, 3), ("italic", 2, 1)]),
        (">một\n>hai\nba", "một\nhai\nba", [("blockquote", 0, 8)]),
    ],
)  # fmt: skip
def test_markdown(source: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    assert read(source, "MarkdownV2") == (text, entities)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("1.000", r"Character '.' is reserved and must be escaped with the preceding '\'"),
        ("a > b", r"Character '>' is reserved and must be escaped with the preceding '\'"),
        ("a | b", r"Character '|' is reserved and must be escaped with the preceding '\'"),
        ("*a", "Can't find end of Bold entity at byte offset 0"),
        ("đ_a", "Can't find end of Italic entity at byte offset 2"),
        ("[a](b", "Can't find end of a URL at byte offset 3"),
        ("![a](https://x.vn)", "Custom emoji URL must have an emoji identifier at byte offset 4"),
    ],
)
def test_markdown_refused(source: str, words: str) -> None:
    with pytest.raises(BadMarkup) as refused:
        read(source, "MarkdownV2")
    assert str(refused.value) == f"can't parse entities: {words}"


def test_other_modes_are_refused() -> None:
    with pytest.raises(BadMarkup, match="unsupported parse_mode"):
        read("x", "Markdown")


def test_links_and_commands_are_found() -> None:
    text = "/tracuu@motcua_demo_bot @nguoinao #thutuc a.b@xa.vn xem https://xa.vn/a?b=c. /, a/b"
    marked = read_marked(text)
    assert [(one.type, one.covered(text)) for one in marked.entities] == [
        ("bot_command", "/tracuu@motcua_demo_bot"),
        ("mention", "@nguoinao"),
        ("hashtag", "#thutuc"),
        ("email", "a.b@xa.vn"),
        ("url", "https://xa.vn/a?b=c"),
    ]


def test_given_entities() -> None:
    given_entities = [{"type": "bold", "offset": 3, "length": 4}]
    assert read(" 😀đậm", "", given=given_entities) == ("😀đậm", [("bold", 2, 3)])
    with pytest.raises(BadMarkup):
        read("x", "", given=[{"type": "bold"}])


@given(st.text())
def test_escaped_text_comes_back(text: str) -> None:
    assert read_marked(html.escape(text), "HTML").text == text.strip()


@given(st.text(alphabet="ab<>/ =\"'&;*_~|`[]()!\\>\nđ😀"), st.sampled_from(["HTML", "MarkdownV2"]))
def test_anything_is_read_or_refused(text: str, mode: str) -> None:
    try:
        marked = read_marked(text, mode)
    except BadMarkup:
        event("refused")
        return
    assert all(0 <= one.offset < one.offset + one.length <= units(marked.text) for one in marked.entities)
