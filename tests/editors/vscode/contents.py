"""Checks what is inside the packages of the extension.

Usage: contents.py WITHOUT_PROGRAM.vsix WITH_PROGRAM.vsix TARGET
"""

import re
import sys
import zipfile

ALWAYS = {"LICENSE.txt", "THIRD-PARTY.txt", "dist/extension.js", "icon.png", "package.json", "readme.md"}
PROGRAM = "bundled/bin/fromwhere"


def check(package: str, expected: set[str], target: str | None) -> None:
    with zipfile.ZipFile(package) as archive:
        names = {name.removeprefix("extension/") for name in archive.namelist() if name.startswith("extension/")}
        assert names == expected, f"{package}: {sorted(names ^ expected)}"
        manifest = archive.read("extension.vsixmanifest").decode()
        platform = re.search(r'TargetPlatform="([^"]+)"', manifest)
        assert (platform and platform[1]) == target, f"{package}: made for {platform}"
        if PROGRAM in expected:
            mode = archive.getinfo(f"extension/{PROGRAM}").external_attr >> 16
            assert mode & 0o777 == 0o755, f"{package}: the program's mode is {mode:o}"
        licenses = archive.read("extension/THIRD-PARTY.txt").decode()
        assert "vscode-languageclient" in licenses, f"{package}: {licenses[:200]}"
        page = archive.read("extension/readme.md").decode()
        pictures = re.findall(r"!\[[^]]*\]\(([^)]*)\)", page)
        assert pictures and all(it.startswith("https://") for it in pictures), f"{package}: {pictures}"


without_program, with_program, target = sys.argv[1:]
check(without_program, ALWAYS, None)
check(with_program, ALWAYS | {PROGRAM}, target)
print("ok   the packages contain what they should")
