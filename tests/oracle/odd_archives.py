"""Makes archives of every shape: with and without zip64, comments, bytes in front, names of old code pages, bytecode alone.

    python odd_archives.py FOLDER

Below FOLDER/failing are those over which every import fails that gets to them, from some release on or up to one.
Run by the Python that is asked later, for the bytecode. No archive has a file in it that may be found and not be read, as
asking for that is an error. Standard library only, 3.6 and later.
"""

import importlib.util
import io
import marshal
import os
import struct
import sys
import zipfile

MAGIC = importlib.util.MAGIC_NUMBER
HEADER = 16 if sys.version_info >= (3, 7) else 12
FOREIGN = b"\x01\x02\r\n"


def bytecode(magic=MAGIC, flags=0):
    second = struct.pack("<I", flags) if HEADER == 16 else b""
    return magic + second + bytes(8) + marshal.dumps(compile("", "x", "exec"))


def packed(number, more=(), comment=b""):
    """Returns an archive that has a module and a package of this number."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("odd{0}.py".format(number), "x = 1\n")
        archive.writestr("oddly{0}/__init__.py".format(number), "")
        archive.writestr("oddly{0}/inner.py".format(number), "")
        for name, content in more:
            archive.writestr(name, content)
        archive.comment = comment
    return out.getvalue()


def large(number, **limits):
    """The same with what is otherwise only in large archives."""
    before = {name: getattr(zipfile, name) for name in limits}
    vars(zipfile).update(limits)
    try:
        return packed(number)
    finally:
        vars(zipfile).update(before)


def changed(archive, at, value, length=4):
    """Replaces a number in the end record, or before it."""
    end = archive.rindex(b"PK\x05\x06") + at
    return archive[:end] + value.to_bytes(length, "little") + archive[end + length :]


def lone():
    for number, (magic, flags) in enumerate([(MAGIC, 0), (FOREIGN, 0), (MAGIC, 1), (MAGIC, 2), (MAGIC, 3), (MAGIC, 4)]):
        code = bytecode(magic, flags)
        yield "lone{0}.pyc".format(number), code
        yield "lonely{0}/__init__.pyc".format(number), code
        yield "lonely{0}/inner.py".format(number), ""
        yield "torn{0}/__init__.pyc".format(number), code
        yield "torn{0}.py".format(number), ""


def archives():
    yield packed(0)
    yield large(1, ZIP_FILECOUNT_LIMIT=1)
    yield large(2, ZIP64_LIMIT=10)
    yield large(3, ZIP64_LIMIT=10) + b"\n"
    yield packed(4, comment=b"words")
    yield packed(5, comment=b"an end PK\x05\x06 that is none")
    yield packed(6, comment=b"PK\x05\x06" + bytes(18))
    yield packed(7, comment=b"words" * 13000)
    yield b"#!/usr/bin/env python\n" + packed(8)
    yield packed(9) + b"x"
    yield packed(10)[:-1]
    yield packed(11)[:-30]
    yield changed(packed(12), 8, 2, 2)
    yield changed(packed(13), 16, 7)
    yield changed(packed(14), 16, 0xFFFFFFF0)
    yield changed(packed(15), 12, 0)
    yield packed(16, [("caf\u00e9.py", ""), ("\u4e2d.py", "")])
    # The same names, which say nothing of their code.
    yield packed(17, [("caf\u00e9.py", "")]).replace(b"\x00\x08", b"\x00\x00")
    yield packed(18, lone())
    yield b""
    yield b"PK\x05\x06" + bytes(18)
    yield b"PK\x05\x06" + bytes(17)


def without_values(count):
    """Says that two numbers stand in an extra field, which has this many."""
    entry = zipfile.ZipInfo("no_module.txt")
    entry.extra = struct.pack("<HH", 1, 8 * count) + bytes(8 * count)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(entry, "")
    archive = out.getvalue()
    at = archive.rindex(b"PK\x01\x02") + 20
    return archive[:at] + b"\xff" * 8 + archive[at + 8 :]


def failing():
    yield packed(0, [("caf\u00e9.py", "")]).replace("caf\u00e9".encode("utf-8"), b"caf\xff\xfe")
    # The comment of the last entry is said to take in what ends the archive.
    archive = packed(1)
    at = archive.rindex(b"PK\x01\x02") + 32
    yield archive[:at] + b"\x13" + archive[at + 1 :]
    yield without_values(0)
    yield without_values(1)
    yield large(2, ZIP64_LIMIT=10)


def main():
    for folder, contents in ((sys.argv[1], archives()), (os.path.join(sys.argv[1], "failing"), failing())):
        os.makedirs(folder)
        for number, content in enumerate(contents):
            with open(os.path.join(folder, "{0:02}.zip".format(number)), "wb") as out:
                out.write(content)


main()
