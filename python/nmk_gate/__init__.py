"""Judges Python code by the hold-out gate of the program `nmk`.

The module has no dependencies: it starts the program, and reads the JSON that it prints.
"""

import json
import os
import subprocess
import tempfile

__all__ = ["GateError", "check", "check_all"]

_ADMITTED, _REFUSED = 0, 1


class GateError(Exception):
    """No verdict was given: bad input, or a machine that cannot isolate code.

    `code` is the word by which programs tell the causes apart, for example `specification` or `unsandboxed`.
    """

    def __init__(self, message, code=None):
        super().__init__(message)
        self.code = code


def check(spec, code, *, executor=None, ledger=None, program=None, timeout=600):
    """Returns the verdict on `code` under the specification in the file `spec`, as a dict.

    `executor` is cpython, monty or both; by default it is what the specification demands, or else cpython. `ledger` is the
    folder of the ledger that keeps the exam; without it nothing is kept. `program` is the path of
    `nmk`; by default the variable NMK, or `nmk` on the path. Raises GateError if no verdict was given.
    """
    arguments = ["gate", "check", "--json", "--spec", os.fspath(spec), "--candidate", "-"] + _executor(executor)
    printed, status = _run(arguments, ledger, program, timeout, code)
    verdict = _parsed(printed)
    if status not in (_ADMITTED, _REFUSED):
        raise GateError(verdict.get("error", printed), verdict.get("code"))
    return verdict


def check_all(spec, candidates, *, executor=None, ledger=None, program=None, timeout=3600):
    """Returns the verdicts on many `(id, code)` under one specification, in order, each with its `id`."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as batch:
        for name, code in candidates:
            batch.write(json.dumps({"id": name, "code": code}) + "\n")
        batch.flush()
        arguments = ["gate", "check", "--json", "--spec", os.fspath(spec), "--batch", batch.name] + _executor(executor)
        printed, status = _run(arguments, ledger, program, timeout, "")
    verdicts = [_parsed(line) for line in printed.splitlines() if line.strip()]
    if status not in (_ADMITTED, _REFUSED):
        fault = next((verdict for verdict in verdicts if "error" in verdict), {})
        raise GateError(fault.get("error", printed), fault.get("code"))
    return verdicts


def _executor(name):
    return [] if name is None else ["--executor", name]


def _run(arguments, ledger, program, timeout, given):
    place = ["--no-ledger"] if ledger is None else ["--ledger", os.fspath(ledger)]
    command = [program or os.environ.get("NMK", "nmk")] + arguments + place
    try:
        done = subprocess.run(command, input=given.encode("utf-8"), capture_output=True, timeout=timeout)
    except UnicodeEncodeError:
        raise GateError("the code has characters that are no text (lone surrogates)", "candidate") from None
    except FileNotFoundError:
        raise GateError("the program nmk was not found: install it, or name it with NMK") from None
    except subprocess.TimeoutExpired:
        raise GateError("no verdict after %s seconds" % timeout) from None
    return done.stdout.decode("utf-8", "replace").strip(), done.returncode


def _parsed(line):
    try:
        verdict = json.loads(line)
    except ValueError:
        verdict = None
    if not isinstance(verdict, dict):
        raise GateError("the program printed no JSON object: %r" % line[:200])
    return verdict
