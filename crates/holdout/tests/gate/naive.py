# The grader that people write in an afternoon: candidate and tests share a process, results are compared with ==, and
# what is printed counts. Tests use it to show what it lets pass. It runs in the same confinement as every candidate.
import io
import os
import sys
import traceback


def grade(source, entry, cases, verifier):
    sys.stdout = printed = io.StringIO()
    try:
        names = {"__name__": "__main__"}
        exec(compile(source, "candidate", "exec"), names)
        function = names[entry]
        if verifier is not None:
            exec(verifier, names)
        for arguments, expected in cases:
            got = function(*arguments)
            if verifier is None:
                assert got == expected, "%r is not %r" % (got, expected)
            else:
                assert names["verify"](arguments, got), "%r is refused" % (got,)
        print("PASSED")
    except SystemExit as end:
        # So does the interpreter: a script that exits without a code has succeeded.
        os._exit(0 if end.code is None else end.code if type(end.code) is int else 1)
    except Exception:
        traceback.print_exc(file=printed)
    return printed.getvalue()
