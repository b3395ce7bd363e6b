"""Prints the catalogue: `python -m catalogue books.yaml`."""

import sys
from pathlib import Path

from catalogue import books, shelves

try:
    from yaml import CSafeLoader as Loader  # the fast one, where it was built
except ImportError:
    from yaml import SafeLoader as Loader


def main() -> None:
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "books.yaml")
    print(f"{path}, read with {Loader.__name__}")
    for book in shelves.in_order(books.read(path)):
        print(f"{book.mark:<10} {book.title}, {book.author}")


if __name__ == "__main__":
    main()
