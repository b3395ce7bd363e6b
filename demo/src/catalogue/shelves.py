"""Puts books into the order of their shelves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shelfmark

if TYPE_CHECKING:
    from catalogue.books import Book


def in_order(books: list[Book]) -> list[Book]:
    return sorted(books, key=lambda book: shelfmark.key(book.mark))
