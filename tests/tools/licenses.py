"""Checks every dependency against deny.toml: its license, its name, where it comes from.

Usage: licenses.py REPOSITORY. Reads the same file as cargo-deny, so that it says the same with nothing to install.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

CRATES_IO = "registry+https://github.com/rust-lang/crates.io-index"


def is_allowed(expression: str, allowed: set[str]) -> bool:
    """Returns whether an SPDX expression can be met with `allowed` licenses alone. AND binds closer than OR."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))

    def alternatives() -> bool:
        met = conjunction()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            met = conjunction() or met
        return met

    def conjunction() -> bool:
        met = single()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            met = single() and met
        return met

    def single() -> bool:
        token = tokens.pop(0)
        if token == "(":
            met = alternatives()
            tokens.pop(0)
            return met
        if tokens and tokens[0] == "WITH":
            tokens.pop(0)
            token += f" WITH {tokens.pop(0)}"
        return token in allowed

    return alternatives()


def main() -> int:
    repository = Path(sys.argv[1])
    rules = tomllib.loads((repository / "deny.toml").read_text())
    allowed = set(rules["licenses"]["allow"])
    banned = {entry["crate"]: entry["reason"] for entry in rules["bans"]["deny"]}
    packages = {}
    for target in rules["graph"]["targets"]:
        command = ["cargo", "metadata", "--format-version=1", "--locked", f"--filter-platform={target}"]
        answer = subprocess.run(command, cwd=repository, check=True, stdout=subprocess.PIPE)
        metadata = json.loads(answer.stdout)
        used = {node["id"] for node in metadata["resolve"]["nodes"]}
        packages |= {package["id"]: package for package in metadata["packages"] if package["id"] in used}

    problems = []
    for package in sorted(packages.values(), key=lambda package: package["name"]):
        name = f"{package['name']} {package['version']}"
        if not package["license"] or not is_allowed(package["license"], allowed):
            problems.append(f"{name}: the license `{package['license']}` is not allowed")
        if package["name"] in banned:
            problems.append(f"{name}: banned, as {banned[package['name']]}")
        if package["source"] not in (None, CRATES_IO):
            problems.append(f"{name}: comes from {package['source']}")
    for problem in problems:
        print(problem)
    print(f"{len(packages)} packages, {len(problems)} problems")
    return 1 if problems or not packages else 0


if __name__ == "__main__":
    sys.exit(main())
