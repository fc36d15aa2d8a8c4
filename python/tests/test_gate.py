"""Run with: NMK=target/release/nmk python3 -m unittest discover python/tests"""

import os
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "python"))

import nmk_gate  # noqa: E402

SPEC = os.path.join(ROOT, "docs", "gate", "gcd.toml")
RIGHT = "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n"
WRONG = "def gcd(a, b):\n    return min(a, b)\n"


class Gate(unittest.TestCase):
    def test_a_right_program_is_admitted(self):
        verdict = nmk_gate.check(SPEC, RIGHT)
        self.assertIs(verdict["admitted"], True)
        self.assertLess(verdict["bound"], 0.002)

    def test_a_wrong_program_is_refused_with_a_counterexample(self):
        verdict = nmk_gate.check(SPEC, WRONG)
        self.assertIs(verdict["admitted"], False)
        self.assertEqual(verdict["counterexample"], {"args": [12, 18], "got": 12, "expected": 6})

    def test_a_batch_has_one_verdict_each(self):
        verdicts = nmk_gate.check_all(SPEC, [("right", RIGHT), ("wrong", WRONG), ("empty", "")])
        found = [(verdict["id"], verdict["admitted"]) for verdict in verdicts]
        self.assertEqual(found, [("right", True), ("wrong", False), ("empty", False)])

    def test_an_executor_can_be_chosen(self):
        lazy = RIGHT + "def unused():\n    yield 1\n"
        verdict = nmk_gate.check(SPEC, lazy, executor="monty")
        self.assertEqual((verdict["admitted"], verdict["reason"]), (False, "unsupported"))
        verdict = nmk_gate.check(SPEC, lazy, executor="both")
        self.assertIs(verdict["admitted"], True)
        self.assertIn("unsupported: yield, line 6", verdict["difference"])
        self.assertIsNone(nmk_gate.check_all(SPEC, [("a", RIGHT)], executor="both")[0]["difference"])

    def test_what_gives_no_verdict_is_an_error(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as spec:
            spec.write("entry = 5\n")
            spec.flush()
            with self.assertRaises(nmk_gate.GateError) as raised:
                nmk_gate.check(spec.name, RIGHT)
            self.assertEqual(raised.exception.code, "specification")
        with self.assertRaises(nmk_gate.GateError):
            nmk_gate.check(SPEC, RIGHT, program="/no/such/program")
        with self.assertRaises(nmk_gate.GateError):
            nmk_gate.check(SPEC, "def gcd(a, b):\n    return '\ud800'\n")


if __name__ == "__main__":
    unittest.main()
