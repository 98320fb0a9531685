"""Metrics as text that Prometheus reads (text format, version 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import attrs

from peerlint.display import displayed

#: The media type of the format.
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
#: Escapes in values of labels.
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\n": "\\n", '"': '\\"'})


@attrs.frozen
class Metric:
    """A metric: a name, with one sample for each set of label values.

    Attributes:
        name: the name; that of a counter ends with "_total".
        help: what its value says, in one line of plain text.
        labels: the names of its labels.
        kind: "gauge" or "counter".
    """

    name: str
    help: str
    labels: tuple[str, ...] = ()
    kind: Literal["gauge", "counter"] = "gauge"

    @property
    def head(self) -> str:
        """The lines before its samples."""
        return f"# HELP {self.name} {self.help}\n# TYPE {self.name} {self.kind}\n"

    def labelled(self, values: Iterable[str]) -> str:
        """Return the name with the first labels, which further ones and "}" follow.

        Args:
            values: the values of the first labels, as `label_value` returns them.
        """
        pairs = (f'{name}="{value}"' for name, value in zip(self.labels, values, strict=False))
        return f"{self.name}{{{','.join(pairs)}"

    def sample(self, value: float, *labels: str) -> str:
        """Return the line of one sample.

        Args:
            value: the value.
            labels: the values of all labels, as they are; they are escaped here.
        """
        name = self.labelled(map(label_value, labels)) + "}" if labels else self.name
        return f"{name} {value}\n"


def label_value(text: str) -> str:
    """Return an untrusted text as the value of a label, without its quotes.

    Invisible characters are escaped and secrets are masked, as in every other format.
    """
    return displayed(text).translate(_ESCAPES)


def one_of(metric: Metric, states: Iterable[str], now: str, *labels: str) -> str:
    """Return a sample for every state: 1 for the state now, and 0 for the others.

    Args:
        metric: the metric; its last label is the state.
        states: all states.
        now: the state now; it may be none of them.
        labels: the values of the other labels.
    """
    return "".join(metric.sample(int(each == now), *labels, each) for each in states)
