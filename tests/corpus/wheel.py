"""Writes a wheel, so that a real installer has something to install without a network.

    wheel.py FOLDER NAME VERSION [--requires REQUIREMENT]... [--tag TAG] FILE...

Every FILE is a path in the wheel, and says who brought it.
"""

import argparse
import base64
import hashlib
import os
import zipfile


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("name")
    parser.add_argument("version")
    parser.add_argument("--requires", action="append", default=[])
    parser.add_argument("files", nargs="*")
    asked = parser.parse_args()
    stem = "{0}-{1}".format(asked.name.replace("-", "_"), asked.version)
    info = stem + ".dist-info"
    metadata = "Metadata-Version: 2.1\nName: {0}\nVersion: {1}\n".format(asked.name, asked.version)
    metadata += "".join("Requires-Dist: {0}\n".format(it) for it in asked.requires)
    wheel = "Wheel-Version: 1.0\nGenerator: corpus\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    contents = {it: "# {0} {1}\n".format(asked.name, asked.version) for it in asked.files}
    contents[info + "/METADATA"] = metadata
    contents[info + "/WHEEL"] = wheel
    record = ""
    for path, text in contents.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += "{0},sha256={1},{2}\n".format(path, digest, len(text.encode()))
    contents[info + "/RECORD"] = record + info + "/RECORD,,\n"
    os.makedirs(asked.folder, exist_ok=True)
    with zipfile.ZipFile(os.path.join(asked.folder, stem + "-py3-none-any.whl"), "w") as archive:
        for path, text in contents.items():
            archive.writestr(path, text)


if __name__ == "__main__":
    main()
