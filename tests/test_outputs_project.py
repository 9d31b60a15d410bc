"""A project's own output rules are taken as they are meant, or refused."""

import pytest

from toolkit.reproduce.outputs.cells import DEFAULT, normalise_outputs
from toolkit.reproduce.outputs.project import OutputRulesError, parse_output_rules


def rules(*lines: str) -> bytes:
    listed = ",\n".join(lines)
    return f"[tool.toolkit.outputs]\nignore = [{listed}]".encode()


RULE = r"{pattern = '^session (\w+)$', with = 'session', why = 'drawn by lot'}"


def test_a_rule_takes_away_what_it_names() -> None:
    cells = [
        {
            "cell_type": "code",
            "outputs": [
                {
                    "output_type": "stream",
                    "name": "stdout",
                    "text": "n 3\nsession 9f\nsession end 4",
                }
            ],
        }
    ]
    ours = parse_output_rules(rules(RULE))
    assert normalise_outputs(cells, rules=ours)[0].text == "n 3\nsession\nsession end 4"
    (note,) = ours.notes
    assert note.endswith("is not compared: drawn by lot")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[tool.ruff]\nx = 1",
        b"[tool.toolkit]\n",
        b"[tool.toolkit.outputs]",
        b"tool = 1",
    ],
)
def test_nothing_said_is_no_rule(content: bytes) -> None:
    assert parse_output_rules(content) == DEFAULT


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[tool", r"pyproject.toml: found no TOML"),
        (b"\xff\xfe", r"no TOML"),
        (b"tool.toolkit.outputs = 3", r"tool.toolkit.outputs: found 3; write a table"),
        (b"[tool.toolkit.outputs]\nignored = []", r"the key 'ignored'; it has only"),
        (
            b"[tool.toolkit.outputs]\nignore = 'x'",
            r"outputs.ignore: found 'x'; write \[",
        ),
        (rules("'x'"), r"ignore\[0\]: found 'x'; write \{pattern"),
        (rules(RULE, "{why = 'x'}"), r"ignore\[1\].pattern: found nothing"),
        (rules("{pattern = 'a'}"), r"ignore\[0\].why: found nothing"),
        (rules("{pattern = 'a', why = ' '}"), r"why: found ' '"),
        (rules("{pattern = 3, why = 'x'}"), r"pattern: found 3"),
        (rules("{pattern = 'a', with = 3, why = 'x'}"), r"with: found 3"),
        (rules("{pattern = 'a', why = 'x', name = 'n'}"), r"the key 'name'; known"),
        (rules("{pattern = '(', why = 'x'}"), r"no regular expression \(missing"),
        (rules("{pattern = 'a*', why = 'x'}"), r"which matches the empty text"),
        (
            rules(r"{pattern = 'a', with = '\2', why = 'x'}"),
            r"with: found .* \(invalid",
        ),
        (
            rules(r"{pattern = 'a', with = '\g<n>', why = 'x'}"),
            r"with: found .*unknown",
        ),
    ],
)
def test_an_ill_formed_rule_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(OutputRulesError, match=message):
        parse_output_rules(content)
