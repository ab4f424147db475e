"""The messages: each example is what a message of its fields reads as."""

import json

import pytest
from conftest import TESTDATA

from ringbuf_throughput.protocol import Summary, message

EXAMPLES = (TESTDATA / "protocol.jsonl").read_text().splitlines()


@pytest.mark.parametrize("line", EXAMPLES)
def test_a_message_is_its_type_and_its_fields(line: str) -> None:
    fields = json.loads(line)
    assert message(fields.pop("type"), **fields) == line


def test_the_fields_of_a_summary_are_the_protocols() -> None:
    (summary,) = (fields for fields in map(json.loads, EXAMPLES) if fields["type"] == "summary")
    assert ("type", *Summary._fields) == tuple(summary)
