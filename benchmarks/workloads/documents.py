"""Render documents with jinja2, markdown-it and rich, the same ones each time: documents.py SECONDS [ROUNDS].

It goes round the same documents until the time is over, or for a number of rounds where that is given.
"""

import io
import random
import sys
import time

import jinja2
import markdown_it
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

PAGE = """
# {{ title | upper }}
{% macro entry(item) %}* **{{ item.name }}**: `{{ item.value }}` {% if item.value % 2 %}*odd*{% else %}even{% endif %}
{% endmacro %}
{% for group in groups %}
## {{ group.title }}
{% for item in group.entries | sort(attribute="value") %}{{ entry(item) }}{% endfor %}
| name | value |
|------|------:|
{% for item in group.entries %}| {{ item.name }} | {{ item.value }} |
{% endfor %}
```python
{% for item in group.entries %}{{ item.name }} = {{ item.value }}
{% endfor %}```
{% endfor %}
"""


def documents(seed: int) -> list[dict[str, object]]:
    """Make the contents of a few documents."""
    dice = random.Random(seed)
    return [
        {
            "title": f"document {number}",
            "groups": [
                {
                    "title": f"group {group}",
                    "entries": [
                        {"name": f"name_{dice.randrange(999)}", "value": dice.randrange(999)} for _ in range(6)
                    ],
                }
                for group in range(3)
            ],
        }
        for number in range(4)
    ]


def write(template: jinja2.Template, document: dict[str, object]) -> str:
    """Fill the template."""
    return template.render(document)


def to_html(parser: markdown_it.MarkdownIt, text: str) -> int:
    """Parse and render the text as HTML."""
    return len(parser.render(text))


def to_terminal(text: str) -> int:
    """Draw the text for a terminal, with a table beside it."""
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system="truecolor")
    table = Table("line", "length")
    for line in text.splitlines()[:20]:
        table.add_row(line.replace("[", "("), str(len(line)))
    console.print(Markdown(text))
    console.print(table)
    return len(console.file.getvalue())  # type: ignore[attr-defined]


def go_round(contents: list[dict[str, object]]) -> int:
    """Write each document, and render it in both ways."""
    template = jinja2.Environment().from_string(PAGE)
    parser = markdown_it.MarkdownIt("commonmark").enable("table")
    total = 0
    for document in contents:
        text = write(template, document)
        total += to_html(parser, text) + to_terminal(text)
    return total


def main(seconds: float, rounds: int) -> None:
    """Go round until the time is over, or for so many rounds."""
    contents, end_s, done = documents(seed=7), time.monotonic() + seconds, 0
    while done < rounds if rounds else time.monotonic() < end_s:
        go_round(contents)
        done += 1


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
