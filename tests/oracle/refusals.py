"""Asks this Python's real pip whether `pip install` would begin to install, for many sets of variables.

Reads a JSON array of objects (variables by name) from standard input; writes, for each, what pip did: `installs` (and
whether into another place, or with another Python), `refuses` with the marker's text (null: pip's own words), or `fails`.
Nothing is installed and no network is asked.
"""

import json
import locale
import os
import site
import sys
import types

said = sys.stdout
sys.stdout = sys.stderr


class Begins(Exception):
    """pip has passed every check that comes before its work."""


def language(category=None):
    """What `getlocale` says after `setlocale(LC_ALL, "")`, had this machine every locale there is."""
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return locale._parse_localename(locale.normalize(next(filter(None, names), "C")))


def ask(variables):
    from pip._internal.cli import main_parser
    from pip._internal.commands import create_command, install
    from pip._internal.exceptions import ExternallyManagedEnvironment, PipError

    seen = {"begins": False, "managed": False, "message": None, "python": None, "elsewhere": False}

    def begin(_, options):
        seen["begins"] = True
        places = (options.target_dir, options.prefix_path, options.root_path)
        unseen = options.use_user_site and not site.ENABLE_USER_SITE
        told_only = options.dry_run and options.json_report_file
        seen["elsewhere"] = None if told_only else any(places) or bool(unseen)
        raise Begins

    def check(original=install.check_externally_managed):
        try:
            original()
        except BaseException:
            seen["managed"] = True
            raise

    def start(arguments):
        seen["python"] = arguments[0]
        raise Begins

    class Told(ExternallyManagedEnvironment):
        def __init__(self, error):
            seen["message"] = error
            super().__init__(error)

    install.InstallCommand.get_default_session = begin
    install.check_externally_managed = check
    from pip._internal.utils import misc

    misc.ExternallyManagedEnvironment = Told
    main_parser.subprocess = types.SimpleNamespace(run=start, SubprocessError=OSError)
    os.environ.clear()
    os.environ.update(variables)
    code = None
    arguments = ["install", "--no-index", "--disable-pip-version-check", "fromwhere-nothing"]
    try:
        try:
            main_parser.parse_command(arguments)
        except Begins:
            if os.path.dirname(seen["python"]) != os.path.dirname(sys.executable):
                return {"did": "installs", "elsewhere": True}
            os.environ["_PIP_RUNNING_IN_SUBPROCESS"] = "1"
        code = create_command("install").main(arguments[1:])
    except SystemExit as ended:
        code = ended.code
    except PipError:
        code = 1
    finally:
        install.check_externally_managed = check.__defaults__[0]
        misc.ExternallyManagedEnvironment = ExternallyManagedEnvironment
    if seen["begins"]:
        return {"did": "installs", "elsewhere": seen["elsewhere"]}
    if seen["managed"]:
        return {"did": "refuses", "message": seen["message"]}
    # VIRTUALENV_NOT_FOUND of pip's status codes
    return {"did": "refuses" if code == 3 else "fails"}


locale.getlocale = language
answers = [ask(variables) for variables in json.load(sys.stdin)]
json.dump(answers, said)
