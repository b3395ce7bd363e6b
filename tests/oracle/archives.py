"""Makes an archive of modules that lie there twice: as source, and as bytecode that fits the source or does not.

    python archives.py FILE SEED

Run by the Python that is asked later, in the time zone it is asked in: an archive has its times without a zone. Nothing is
in it that no Python can read, as asking for that is an error. Standard library only, 3.6 and later.
"""

import importlib.util
import marshal
import random
import struct
import sys
import time
import zipfile

import _imp

MAGIC = importlib.util.MAGIC_NUMBER
HAS_FLAGS = sys.version_info >= (3, 7)
COUNT = 90

# Ordinary ones, those at which some clocks are changed, the ends of what can be written, and some of no calendar.
TIMES = [
    (2021, 1, 15, 12, 0, 0),
    (2021, 7, 15, 12, 30, 58),
    (2021, 7, 15, 0, 0, 2),
    (2021, 3, 28, 2, 30, 0),
    (2021, 10, 31, 2, 30, 0),
    (2021, 3, 14, 2, 30, 0),
    (2021, 11, 7, 1, 30, 0),
    (2021, 4, 4, 1, 45, 0),
    (2021, 10, 3, 2, 15, 0),
    (1980, 1, 1, 0, 0, 0),
    (1996, 2, 29, 23, 59, 58),
    (2037, 12, 31, 23, 59, 58),
    (2038, 7, 1, 0, 0, 0),
    (2106, 2, 7, 6, 28, 14),
    (2107, 12, 31, 23, 59, 58),
    (1980, 0, 0, 0, 0, 0),
    (1999, 15, 31, 31, 63, 62),
]
SOURCES = [b"", b"x = 1\n", b"x = 1\r\ny = 2\r\n", b"'''" + b"words and words " * 600 + b"'''\n"]


def header(draw, source, moment):
    """Returns what bytecode begins with."""
    written = int(time.mktime(moment + (-1, -1, -1))) + draw.choice([0, 0, 0, 1, -1, 1, -1, 2, -2, 3600, -3600, 86400])
    size = len(source) + draw.choice([0] * 8 + [1, -1])
    fitting = struct.pack("<II", written & 0xFFFFFFFF, size & 0xFFFFFFFF)
    magic = draw.choice([MAGIC] * 12 + [b"\x01\x02\r\n", MAGIC[:2] + b"\n\n"])
    if not HAS_FLAGS:
        return magic + fitting
    flags = draw.choice([0] * 10 + [1, 1, 2, 3, 3, 3, 4, 5, 0x80000000])
    if flags == 3 and draw.randrange(3):
        fitting = _imp.source_hash(int.from_bytes(MAGIC, "little"), source)
    return magic + struct.pack("<I", flags) + fitting


def add(archive, draw, name):
    moment, source = draw.choice(TIMES), draw.choice(SOURCES)
    code = marshal.dumps(compile(source, name, "exec"))
    for suffix, content in ((".py", source), (".pyc", header(draw, source, moment) + code)):
        # The bytecode's own time says nothing.
        info = zipfile.ZipInfo(name + suffix, moment if suffix == ".py" else draw.choice(TIMES))
        info.compress_type = draw.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
        archive.writestr(info, content)


def main():
    draw = random.Random(int(sys.argv[2]))
    with zipfile.ZipFile(sys.argv[1], "w") as archive:
        for number in range(COUNT):
            add(archive, draw, "twice{0}".format(number))
        for number in range(COUNT // 9):
            package = "twice_below{0}".format(number)
            add(archive, draw, package + "/__init__")
            add(archive, draw, package + "/inner")
        add(archive, draw, "inside/twice_inside")


main()
