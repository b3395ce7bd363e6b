"""Answers for requirements as Python's own libraries do: markers and specifiers by packaging, constraints by poetry-core.

    python requirements.py environment      this Python's values of the variables in markers (PEP 508), as JSON
    python requirements.py                  reads {"environment", "markers", "specifiers", "constraints"} from standard input;
                                            writes an answer for each marker, and for each pair of a text and a version:
                                            true, false, or null where the text is refused

The first form needs the standard library alone, in any version; the second is asked once, with the libraries at hand.
"""

import json
import os
import platform
import sys


def environment():
    version = sys.implementation.version
    full = "{0.major}.{0.minor}.{0.micro}".format(version)
    if version.releaselevel != "final":
        full += version.releaselevel[0] + str(version.serial)
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": full,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "platform_python_implementation": platform.python_implementation(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    }


def answer(asked):
    from packaging.markers import InvalidMarker, Marker, UndefinedComparison
    from packaging.requirements import InvalidRequirement, Requirement
    from poetry.core.constraints.version import Version, parse_constraint
    from poetry.core.constraints.version.exceptions import ParseConstraintError

    def marker(text):
        try:
            return Marker(text).evaluate(dict(asked["environment"], extra=""))
        except (InvalidMarker, UndefinedComparison):
            return None

    def specifier(text, version):
        try:
            return Requirement("name " + text).specifier.contains(version, prereleases=True)
        except InvalidRequirement:
            return None

    def constraint(text, version):
        try:
            return parse_constraint(text).allows(Version.parse(version))
        except ParseConstraintError:
            return None

    return {
        "markers": [marker(text) for text in asked["markers"]],
        "specifiers": [specifier(*pair) for pair in asked["specifiers"]],
        "constraints": [constraint(*pair) for pair in asked["constraints"]],
    }


json.dump(environment() if sys.argv[1:] == ["environment"] else answer(json.load(sys.stdin)), sys.stdout)
