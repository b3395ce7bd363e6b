"""Asks this Python's real pip whether `pip install` would begin to install, for many sets of variables.

Reads a JSON array of objects (variables by name) from standard input; writes, for each, what pip did: `installs`,
`refuses` with the marker's text (null: pip's own words), or `fails`. Nothing is installed and no network is asked.
"""

import json
import locale
import os
import sys

said = sys.stdout
sys.stdout = sys.stderr


class Begins(Exception):
    """pip has passed every check that comes before its work."""


def language(category=None):
    """What `getlocale` says after `setlocale(LC_ALL, "")`, had this machine every locale there is."""
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return locale._parse_localename(locale.normalize(next(filter(None, names), "C")))


def ask(variables):
    from pip._internal.commands import create_command, install
    from pip._internal.exceptions import ExternallyManagedEnvironment

    seen = {"begins": False, "managed": False, "message": None}

    def begin(*_, **__):
        seen["begins"] = True
        raise Begins

    def check(original=install.check_externally_managed):
        try:
            original()
        except BaseException:
            seen["managed"] = True
            raise

    class Told(ExternallyManagedEnvironment):
        def __init__(self, error):
            seen["message"] = error
            super().__init__(error)

    install.cmdoptions.check_dist_restriction = begin
    install.check_externally_managed = check
    from pip._internal.utils import misc

    misc.ExternallyManagedEnvironment = Told
    os.environ.clear()
    os.environ.update(variables)
    code = None
    try:
        code = create_command("install").main(["--no-index", "--disable-pip-version-check", "fromwhere-nothing"])
    except SystemExit as ended:
        code = ended.code
    finally:
        install.check_externally_managed = check.__defaults__[0]
        misc.ExternallyManagedEnvironment = ExternallyManagedEnvironment
    if seen["begins"]:
        return {"did": "installs"}
    if seen["managed"]:
        return {"did": "refuses", "message": seen["message"]}
    # VIRTUALENV_NOT_FOUND of pip's status codes
    return {"did": "refuses" if code == 3 else "fails"}


locale.getlocale = language
answers = [ask(variables) for variables in json.load(sys.stdin)]
json.dump(answers, said)
