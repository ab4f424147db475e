"""Two runs in Markdown, read by GitHub's own parser of it (cmark-gfm): python3 markdown.py RUN LATER NAME

NAME is that of the benchmark of delays, which holds everything that Markdown takes for markup.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path

from needed import need

to_html = need("cmarkgfm").github_flavored_markdown_to_html
# What the tables, lists and notes are made of; any other element is one that a name or a note became.
EXPECTED = {"h3", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "p", "code", "pre"}


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.blocks: list[str] = []
        self.codes: list[str] = []
        self.elements: set[str] = set()
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.open.append(tag)
        if tag == "h3":
            self.headings.append("")
        elif tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("th", "td"):
            self.tables[-1][-1].append("")
        elif tag == "pre":
            self.blocks.append("")
        elif tag == "code":
            self.codes.append("")

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "h3" in self.open:
            self.headings[-1] += data
        if "th" in self.open or "td" in self.open:
            self.tables[-1][-1][-1] += data
        if "pre" in self.open:
            self.blocks[-1] += data
        if "code" in self.open:
            self.codes[-1] += data


pages = [Page(to_html(Path(path).read_text(encoding="utf-8"))) for path in sys.argv[1:3]]
for page, run in zip(pages, ("run", "later"), strict=True):
    assert page.elements <= EXPECTED, page.elements - EXPECTED
    assert len(page.headings) == len(page.tables) == 3, page.headings
    assert page.headings[0].startswith("capacity (capacity): "), page.headings
    assert page.headings[2].startswith(f"{sys.argv[3]} (latency): "), page.headings
    for heading, *rows in page.tables:
        assert heading[0] == "implementation" and [row[0] for row in rows] == ["c", "go"], rows
        assert all(len(row) == len(heading) and all(row) for row in rows), rows
    assert len(page.blocks) == 1 and f"run      {run}, 3 blocks" in page.blocks[0], page.blocks
    assert not any("\\" in code for code in page.codes if code not in page.blocks), page.codes

costs = [{row[0]: row[1] for row in page.tables[0][1:]} for page in pages]
assert costs[0]["c"] == costs[1]["c"] and costs[0]["go"] != costs[1]["go"], costs
