"""What of a cell's outputs is compared, and what is left out."""

import base64
import struct
from typing import Any

import pytest
from shown import displayed, png, printed, shown

from toolkit.reproduce.outputs.cells import executed_digest, text_digest
from toolkit.reproduce.outputs.images import image_text


def test_what_is_printed_is_joined_and_stderr_is_no_result() -> None:
    output = shown(printed("a"), printed("hot\n", "stderr"), printed("b\n"))
    assert output.text == "ab"
    assert output.stderr == "hot\n"
    assert output.digest == text_digest("ab")
    assert output.whole
    assert shown(printed("hot", "stderr")).digest is None


def test_printed_text_comes_before_what_is_displayed_as_threads_may_swap_them() -> None:
    one = shown(printed("a\n"), displayed(plain="1"), printed("b\n"))
    two = shown(printed("a\n"), printed("b\n"), displayed(plain="1"))
    assert one == two


def test_lines_may_be_split_as_they_lie_on_disk() -> None:
    split = printed("") | {"text": ["a\n", "b\n"]}
    assert shown(split, displayed(plain=["1\n", "2"])).text == "a\nb\n1\n2"


@pytest.mark.parametrize(
    ("output", "text"),
    [
        pytest.param(displayed(plain="1", html="<b>1</b>"), "<b>1</b>", id="html"),
        pytest.param(displayed(plain="1", latex="$1$"), "$1$", id="latex"),
        pytest.param(
            displayed(html="<div>", plotly={"b": 1, "a": [2]}, plain="Figure"),
            '{\n "a": [\n  2\n ],\n "b": 1\n}',
            id="plotly",
        ),
        pytest.param(
            displayed(widget={"model_id": "0f" * 16}, plain="IntSlider(value=3)"),
            "IntSlider(value=3)",
            id="widget",
        ),
        pytest.param(displayed(widget={"model_id": "0f" * 16}), "", id="bare widget"),
        pytest.param(
            displayed(script='f("2f1c9a00-0000-4000-8000-1234567890ab")'),
            'f("id-1")',
            id="script",
        ),
        pytest.param(displayed(metric={"name": "n"}, plain="n = 1"), "", id="metric"),
        pytest.param(
            displayed(svg="<svg><metadata>2026</metadata></svg>", png="", plain="F"),
            "<svg></svg>",
            id="svg",
        ),
        pytest.param(
            {"output_type": "error", "ename": "E", "evalue": "no", "traceback": ["x"]},
            "E: no",
            id="error",
        ),
        pytest.param({"output_type": "display_data"}, "", id="empty"),
    ],
)
def test_the_most_telling_representation_counts(
    output: dict[str, Any], text: str
) -> None:
    assert shown(output).text == text
    assert (shown(output).digest is None) == (not text)


def test_an_unknown_kind_of_output_counts_by_its_content() -> None:
    one, two = (shown(displayed(other=text)) for text in ("abc", "abd"))
    assert one.digest != two.digest


def test_png_counts_by_its_pixels() -> None:
    plain = shown(displayed(png=png(), plain="<Figure>"))
    same = [png(text=b"Software\0other"), png(level=0), png(parts=3), f"{png()}\n"]
    for other in same:
        assert shown(displayed(png=other, plain="<Figure 2>")) == plain
    assert shown(displayed(png=png(pixel=8))).digest != plain.digest
    assert plain.text.startswith("<image png 4x2 ")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no png",
        b"\x89PNG\r\n\x1a\n",
        base64.b64decode(png())[:-30],
        base64.b64decode(png())[:40] + b"xxxx" + base64.b64decode(png())[44:],
        b"\x89PNG\r\n\x1a\n\0\0\0\2IHDR\0\0\0\0\0\0",
    ],
)
def test_a_damaged_image_counts_by_its_bytes(content: bytes) -> None:
    for kind in ("png", "jpeg", "pdf", "gif"):
        text = image_text(f"image/{kind}", content)
        assert text == image_text(f"image/{kind}", content)
        assert text != image_text(f"image/{kind}", content + b"x")


def test_jpeg_counts_without_its_metadata() -> None:
    def jpeg(comment: bytes, scan: bytes) -> str:
        exif = b"\xff\xe1" + struct.pack(">H", 2 + len(comment)) + comment
        table = b"\xff\xdb\x00\x03\x07"
        return image_text(
            "image/jpeg", b"\xff\xd8" + exif + table + b"\xff\xda" + scan + b"\xff\xd9"
        )

    assert jpeg(b"2026-11-23", b"123") == jpeg(b"", b"123")
    assert jpeg(b"", b"123") != jpeg(b"", b"124")


def test_pdf_counts_without_its_dates() -> None:
    def pdf(date: bytes, text: bytes) -> str:
        body = (
            b"%PDF-1.4\n<< /CreationDate (D:" + date + b") /ID [<" + date + b">] >>\n"
        )
        table = b"xref\n0 1\n0000000%03d 00000 n \ntrailer\n" % len(body)
        return image_text(
            "application/pdf",
            body + text + b"\n" + table + b"startxref\n%d" % len(body),
        )

    assert pdf(b"20261123181531Z", b"a") == pdf(b"20270101000000+01'00'", b"a")
    assert pdf(b"20261123181531Z", b"a") != pdf(b"20261123181531Z", b"b")


def test_an_id_is_numbered_and_a_value_that_looks_like_one_stays() -> None:
    uuid = "2f1c9a00-0000-4000-8000-1234567890ab"
    html = (
        '<style>#T_{0}_r td {{}}</style><table id="T_{0}_r"><td>T_{0} {1}</td></table>'
        "<div id='{2}'></div><script>f('{2}')</script>"
    )
    one = shown(displayed(html=html.format("1a2b3", uuid, "ab" * 4 + "01" * 12)))
    two = shown(displayed(html=html.format("c0ffe", uuid, "cd" * 4 + "02" * 12)))
    assert one.text == two.text.replace("T_c0ffe ", "T_1a2b3 ")
    assert f"<td>T_1a2b3 {uuid}</td>" in one.text
    assert "#id-1_r td" in one.text
    other = shown(displayed(html=html.format("1a2b3", "3" + uuid[1:], "ab" * 16)))
    assert other.digest != one.digest


def test_an_animation_is_told_by_its_frames() -> None:
    html = (
        '<img id="_anim_img{0}"><input oninput="anim{0}.go()">'
        "<script>frames[0] = 'data:image/png;base64,{1}'; anim{0} = 1</script>"
    )
    broken = "\\\n".join([png()[:40], png()[40:]])
    one, two, other = (
        shown(displayed(html=html.format(*each)))
        for each in (
            ("b009e807ff7f4da6bfedc9c8e64865bd", png()),
            ("5ca2016451b14f3d80e7bc061349915a", broken),
            ("5ca2016451b14f3d80e7bc061349915a", png(pixel=9)),
        )
    )
    assert one == two
    assert one.digest != other.digest


def test_an_image_within_an_svg_does_not_end_its_tag() -> None:
    svg = '<svg><image href="data:image/png;base64,{0}" id="image{1}"/></svg>'
    data = base64.b64encode(b"pixels").decode()
    one, other, third = (
        shown(displayed(svg=svg.format(data, lot)))
        for lot in ("cac199acf3", "0b1f2a9c55", "0b1f2a9c55")
    )
    assert one == other == third
    assert shown(displayed(svg=svg.format("AAAA", "cac199acf3"))) != one


def test_what_an_executed_notebook_shows_has_a_digest() -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": "a\nb\n"}
    cells = [{"cell_type": "code", "source": "x\ny", "outputs": [stream]}]
    split = {**stream, "text": ["a\n", "b\n"], "metadata": {"a": 1}}
    again = [{**cells[0], "source": ["x\n", "y"], "outputs": [split]}]
    counted = [{**again[0], "execution_count": 3, "metadata": {"tags": []}}]
    assert executed_digest(cells) == executed_digest(again) == executed_digest(counted)
    edited = [{**cells[0], "outputs": [{**stream, "text": "a\nc\n"}]}]
    assert executed_digest(edited) != executed_digest(cells)
    assert executed_digest([*cells, *cells]) != executed_digest(cells)


def test_ids_in_an_svg_are_numbered_with_what_refers_to_them() -> None:
    svg = '<svg><clipPath id="{0}"/><g clip-path="url(#{0})"/><text>{1}</text></svg>'
    one, two, other = (
        shown(displayed(svg=svg.format(*each)))
        for each in (("p1a2b3c4d5e", 3), ("p9f8e7d6c5b", 3), ("p1a2b3c4d5e", 4))
    )
    assert one == two
    assert one.digest != other.digest
