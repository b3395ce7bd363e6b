"""fromwhere beside another server, through `rass`, as the READMEs of Emacs and Kate tell. Usage: rass.py RASS RUFF FROMWHERE

RASS makes one server of `ruff server` and `fromwhere server`; what an editor does is done here.
"""

import json
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time

PATIENCE = 60.0
repository = pathlib.Path(__file__).resolve().parents[2]
counts = {"passed": 0, "failed": 0}


class Editor:
    """Speaks with a server; what the server asks is answered with nothing."""

    def __init__(self, command, folder):
        self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.arrived = queue.Queue()
        self.diagnostics = {}
        self.count = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            length = 0
            while line := self.process.stdout.readline().strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            if not length:
                return
            self.arrived.put(json.loads(self.process.stdout.read(length)))

    def _send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _take(self, end):
        message = self.arrived.get(timeout=max(0.1, end - time.monotonic()))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": None})
        return message

    def tell(self, method, params):
        self._send({"method": method, "params": params})

    def ask(self, method, params):
        self.count += 1
        self._send({"id": self.count, "method": method, "params": params})
        end = time.monotonic() + PATIENCE
        while True:
            message = self._take(end)
            if message.get("id") == self.count and "method" not in message:
                return message.get("result")

    def becomes(self, held):
        """Whether something comes to hold of what the server has said."""
        end = time.monotonic() + PATIENCE
        while not held():
            try:
                self._take(end)
            except queue.Empty:
                return False
        return True


def check(held, what, seen=""):
    counts["passed" if held else "failed"] += 1
    print("%s %s" % ("ok  " if held else "FAIL", what), flush=True)
    if not held:
        print(seen, flush=True)


def main(rass, ruff, fromwhere):
    with tempfile.TemporaryDirectory() as work:
        project = pathlib.Path(work) / "demo"
        shutil.copytree(repository / "demo", project, ignore=shutil.ignore_patterns(".venv"))
        make = ["/usr/bin/python3", "-m", "venv", "--system-site-packages", "--without-pip", ".venv"]
        subprocess.run(make, cwd=project, check=True)
        editor = Editor([rass, "--", ruff, "server", "--", fromwhere, "server"], project)
        speak(editor, project)
        editor.process.stdin.close()
        check(editor.process.wait(PATIENCE) is not None, "it ends with its editor")


def speak(editor, project):
    uri = (project / "src/catalogue/both.py").as_uri()
    literals = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}}
    capabilities = {"textDocument": {"codeAction": literals, "publishDiagnostics": {"relatedInformation": True}}}
    folders = [{"uri": project.as_uri(), "name": "demo"}]
    start = {"processId": None, "rootUri": project.as_uri(), "workspaceFolders": folders, "capabilities": capabilities}
    offered = editor.ask("initialize", start)["capabilities"]
    check(offered.get("codeActionProvider"), "both are one server", offered)
    editor.tell("initialized", {})
    document = {"uri": uri, "languageId": "python", "version": 1, "text": "import yaml\n"}
    editor.tell("textDocument/didOpen", {"textDocument": document})

    def shown():
        return {(it.get("source"), it.get("code")) for it in editor.diagnostics.get(uri, [])}

    both = {("fromwhere", "import-from-os"), ("Ruff", "F401")}
    check(editor.becomes(lambda: shown() == both), "the diagnostics of both are shown", shown())
    line = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 11}}
    context = {"diagnostics": editor.diagnostics.get(uri, []), "triggerKind": 1}
    where = {"textDocument": {"uri": uri}, "range": line, "context": context}
    titles = [it["title"] for it in editor.ask("textDocument/codeAction", where) or []]
    check(any("PyYAML" in it for it in titles) and any("F401" in it for it in titles), "and their quick fixes", titles)
    pyvenv = project / ".venv/pyvenv.cfg"
    pyvenv.write_text(pyvenv.read_text().replace("packages = true", "packages = false"))
    other = {("fromwhere", "import-found-elsewhere"), ("Ruff", "F401")}
    check(editor.becomes(lambda: shown() == other), "pyvenv.cfg is edited, and ours is another", shown())
    editor.ask("shutdown", None)
    editor.tell("exit", None)


main(*sys.argv[1:])
print("%(passed)d passed, %(failed)d failed" % counts)
sys.exit(0 if counts["failed"] == 0 and counts["passed"] > 0 else 1)
