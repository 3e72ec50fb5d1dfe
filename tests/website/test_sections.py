"""Sections of README in the pages of the website: cut out, moved to the page's level, links followed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "scripts" / "website" / "sections.py"
README = """# Sea

## Waves

Long ones, see [the coast](#coast) and [how to help](CONTRIBUTING.md#a-boat).

```sh
# Swell is not a heading
```

### Coast

![A wave](docs/images/wave.jpg)

## Wind

None, by the [licence](LICENSE).
"""


def load():
    spec = importlib.util.spec_from_file_location("sections", SOURCE)
    module = importlib.util.module_from_spec(spec)
    sys.modules["sections"] = module  # a dataclass looks its module up
    spec.loader.exec_module(module)
    return module


sections = load()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "README.md").write_text(README)
    (tmp_path / "CONTRIBUTING.md").write_text("# Help\n\n## A boat\n\nRow it.\n")
    return tmp_path


def expanded(root: Path, page: str, **pages: str) -> str:
    texts = {f"{name.replace('__', '/')}.md": text for name, text in pages.items()}
    return sections.expand(page, texts[page], root, sections.places(texts, root))


def test_a_section_ends_at_the_next_heading():
    level, text = sections.section(README, "Waves")
    assert level == 2
    assert text.startswith("Long ones")
    assert text.endswith("![A wave](docs/images/wave.jpg)")


def test_a_lead_ends_at_the_first_subheading():
    assert sections.section(README, "Waves", lead=True)[1].endswith("# Swell is not a heading\n```")


def test_an_unknown_section_is_an_error(root):
    with pytest.raises(LookupError, match=r'README.md "Tides".*0 headings'):
        expanded(root, "sea.md", sea='# Sea\n\n<!-- include README.md "Tides" -->\n')


def test_headings_move_to_the_level_of_the_page(root):
    text = expanded(
        root,
        "sea.md",
        sea='# All waves\n\n<!-- include README.md "Waves" -->\n',
        help="# Help\n\n<!-- include CONTRIBUTING.md -->\n",
    )
    assert "\n## Coast\n" in text
    assert "\n# Swell is not a heading\n" in text


def test_links_follow_the_text_to_its_page(root):
    text = expanded(
        root,
        "how-to/sea.md",
        **{
            "how-to__sea": '# All waves\n\n<!-- include README.md "Waves" lead -->\n',
            "coast": '# The coast\n\n<!-- include README.md "Coast" -->\n',
            "help": "# Help\n\n<!-- include CONTRIBUTING.md -->\n",
        },
    )
    assert "[the coast](../coast.md)" in text
    assert "[how to help](../help.md#a-boat)" in text


def test_an_image_is_found_from_the_page(root):
    text = expanded(root, "how-to/sea.md", **{"how-to__sea": '# Sea\n\n<!-- include README.md "Coast" -->\n'})
    assert "![A wave](../images/wave.jpg)" in text


def test_a_link_to_nowhere_is_an_error(root):
    with pytest.raises(LookupError, match=r"links to CONTRIBUTING\.md#a-boat, which no page"):
        expanded(root, "sea.md", sea='# Sea\n\n<!-- include README.md "Waves" -->\n')


def test_a_file_of_the_checkout_is_only_named(root):
    (root / "README.md").write_text("# Sea\n\n## Tides\n\nSee [tides.py](tides.py).\n")
    (root / "tides.py").write_text("")
    text = expanded(root, "sea.md", sea='# Sea\n\n<!-- include README.md "Tides" -->\n')
    assert "See `tides.py`." in text


TABLE = """# Sea

## Boats

Sails need wind.

| boat | by |
| --- | --- |
| a dinghy | sails |
| a canoe | a paddle |

A canoe needs none.
"""


def test_only_what_concerns_a_subject_is_included(root):
    (root / "README.md").write_text(TABLE)
    text = expanded(root, "sea.md", sea='# Canoes\n\n<!-- include README.md "Boats" about "canoe" -->\n')
    assert text == "# Canoes\n\n| boat | by |\n| --- | --- |\n| a canoe | a paddle |\n\nA canoe needs none.\n"


def test_a_subject_that_is_missing_is_an_error(root):
    with pytest.raises(LookupError, match="nothing about 'raft'"):
        expanded(root, "sea.md", sea='# Rafts\n\n<!-- include README.md "Waves" about "raft" -->\n')
