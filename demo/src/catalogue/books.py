"""Reads books from a YAML file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Book:
    title: str
    author: str
    mark: str


def read(path: Path) -> list[Book]:
    with path.open(encoding="utf-8") as stream:
        return [Book(**entry) for entry in yaml.safe_load(stream)]
