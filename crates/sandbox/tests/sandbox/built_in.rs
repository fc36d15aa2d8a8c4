//! The built-in interpreter: the same values, what it lacks, and attacks that it must hold by itself.

use std::time::{Duration, Instant};

use abi::Value;
use sandbox::{Fault, Interpreter, Launcher, Limits, Worker};

use crate::{Test, benign};

pub(crate) const TESTS: &[Test] = &[
    ("built_in_values_come_back_as_they_were_sent", values_come_back_as_they_were_sent),
    ("built_in_shapes_are_those_of_the_machines_python", shapes_are_those_of_the_machines_python),
    ("what_the_built_in_interpreter_lacks_is_named", what_it_lacks_is_named),
    ("what_the_built_in_interpreter_has_is_not_refused", what_it_has_is_not_refused),
    ("the_built_in_interpreter_names_what_goes_wrong", what_goes_wrong_is_named),
    ("the_built_in_interpreter_repeats_itself", it_repeats_itself),
    ("the_built_in_interpreter_reaches_nothing", it_reaches_nothing),
    ("nothing_hangs_in_the_built_in_interpreter", nothing_hangs),
];

fn launcher(limits: Limits) -> Launcher {
    Launcher::from_this_program(Interpreter::Monty, limits).expect("the path of this program")
}

fn loaded(source: &str) -> Result<Worker, Fault> {
    let mut worker = launcher(Limits::DEFAULT).start().expect("a worker");
    worker.load(source, "f").map(|()| worker)
}

/// Returns what `f()` returns.
fn called(source: &str) -> Result<Value, Fault> {
    loaded(source)?.call(&[])
}

fn values_come_back_as_they_were_sent() {
    benign::values_come_back(&launcher(Limits::DEFAULT));
}

fn shapes_are_those_of_the_machines_python() {
    benign::shapes(&launcher(Limits::DEFAULT));
}

fn what_it_lacks_is_named() {
    let table = [
        ("def f():\n    yield 1\n", "yield", 2),
        ("def f():\n    yield from [1]\n", "yield from", 2),
        ("def f(x):\n    match x:\n        case 1: return 2\n", "match", 2),
        ("def f(x):\n    del x[0]\n", "del", 2),
        ("def f(x):\n    y = x\n    del y\n", "del", 3),
        ("import random\ndef f(): return random.random()\n", "the module random", 1),
        ("def f():\n    import heapq\n    return heapq\n", "the module heapq", 2),
        ("import string as s\ndef f(): return s.digits\n", "the module string", 1),
        ("from string import digits\ndef f(): return digits\n", "the module string", 1),
        ("import os.path\ndef f(): return 1\n", "the module os.path", 1),
        ("from math import *\ndef f(): return pi\n", "import *", 1),
        ("from . import x\ndef f(): return x\n", "a relative import", 1),
        (
            "import itertools\ndef f():\n    return list(itertools.permutations([1]))\n",
            "itertools.permutations",
            3,
        ),
        ("import itertools as it\ndef f():\n    return it.product([1])\n", "itertools.product", 3),
        ("from functools import lru_cache\ndef f(): return 1\n", "functools.lru_cache", 1),
        ("class A(dict): pass\ndef f(): return 1\n", "a class with a base or a metaclass", 1),
        (
            "class A:\n    @property\n    def x(self): return 1\ndef f(): return 1\n",
            "a method with a decorator",
            2,
        ),
        ("class A:\n    x = y = 1\ndef f(): return 1\n", "an assignment in a class to more than one name", 2),
        (
            "class A:\n    if True: x = 1\ndef f(): return 1\n",
            "a statement in a class that is no method and no variable",
            2,
        ),
        ("def f():\n    return 1j\n", "a complex number", 2),
        ("def f(x):\n    return eval(x)\n", "the builtin eval", 2),
        ("def f():\n    return bytearray(b'a')\n", "the builtin bytearray", 2),
        ("async def f():\n    async for x in y: pass\n", "async for", 2),
        ("async def f():\n    async with y: pass\n", "async with", 2),
        ("async def f():\n    return [x async for x in y]\n", "an async comprehension", 2),
        ("def f():\n    try: pass\n    except* ValueError: pass\n", "except*", 2),
        ("type X = int\ndef f(): return 1\n", "a type alias", 1),
        ("def f(a, b):\n    return dict(**a, **b)\n", "a call with two **", 2),
        ("def f():\n    return t'{1}'\n", "a template string", 2),
        ("def f(a):\n    a[:] = [1]\n", "an assignment to a slice", 2),
        ("def f(a):\n    return a @ a\n", "the operator @", 2),
        ("def f(a):\n    for a.b in [1]: pass\n", "a for or with that binds no name", 2),
        ("def f(a):\n    for a[0] in [1]: pass\n", "a for or with that binds no name", 2),
        // A name of another function or of a method hides nothing here.
        ("def g(format):\n    return format\ndef f():\n    return format(3)\n", "the builtin format", 4),
        ("class A:\n    def dir(self): return 1\ndef f():\n    return dir()\n", "the builtin dir", 4),
        ("import math\ndef g(math):\n    return math\ndef f():\n    return math.prod([1])\n", "math.prod", 5),
        // What is imported without a handler beside a guarded import.
        ("try:\n    import numpy\nexcept ValueError:\n    pass\ndef f(): return 1\n", "the module numpy", 2),
    ];
    for (source, construct, line) in table {
        let found = loaded(source).err();
        let expected = Fault::Unsupported { construct: construct.to_owned(), line };
        assert_eq!(found, Some(expected), "{source}");
    }
    let said = loaded("def f():\n    yield 1\n").err().map(|fault| fault.to_string());
    assert_eq!(said.as_deref(), Some("unsupported: yield, line 2"));
}

/// Names that a source binds itself are not those of the standard library.
fn what_it_has_is_not_refused() {
    let table = [
        ("def eval(x):\n    return x\ndef f():\n    return eval(3)\n", 3),
        ("import math\ndef f():\n    return math.gcd(12, 18)\n", 6),
        (
            "def f(math=None):\n    class A:\n        nothing = 4\n    math = A()\n    return math.nothing\n",
            4,
        ),
        ("from __future__ import annotations\ndef f() -> bytearray:\n    return 5\n", 5),
        ("import re\ndef f():\n    return len(re.findall('a', 'banana'))\n", 3),
        (
            "from collections import Counter, deque\ndef f():\n    return Counter('banana')['a'] + len(deque([1]))\n",
            4,
        ),
        (
            "import itertools, functools\ndef f():\n    return functools.reduce(lambda a, b: a + b, itertools.chain([1], [2]))\n",
            3,
        ),
        ("def f():\n    x = [i * i for i in range(4) if i % 2]\n    return sum(x)\n", 10),
        (
            "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\ndef f():\n    return P(7).x\n",
            7,
        ),
        ("def f():\n    try:\n        return int('x')\n    except ValueError:\n        return 8\n", 8),
        ("def f():\n    d = {}\n    d.setdefault('a', []).append(9)\n    return d['a'][0]\n", 9),
        ("def f():\n    s = f'{3:02d}'\n    return len(s.join(['a', 'b'])) + 6\n", 10),
        (
            "try:\n    import numpy\nexcept ImportError:\n    numpy = None\ndef f():\n    return 12 if numpy is None else 0\n",
            12,
        ),
        ("def f(format=None):\n    return [format for format in [1, 13]][1]\n", 13),
        ("x = 0\ndef g():\n    global dir\n    dir = 14\ndef f():\n    g()\n    return dir\n", 14),
        // The names of arguments are no source's to read or to hide.
        ("_argument_0 = 5\n_argument__0 = 1\ndef f():\n    return _argument_0 + 7\n", 12),
        ("def f():\n    with_lambda = (lambda x, *y, z=1, **w: x + z)(10)\n    return with_lambda\n", 11),
    ];
    for (source, expected) in table {
        let value = called(source).unwrap_or_else(|fault| panic!("{fault}: {source}"));
        assert_eq!(value.as_int(), Some(expected), "{source}");
    }
}

fn what_goes_wrong_is_named() {
    let raised = |kind: &str, line| (kind.to_owned(), line);
    let table = [
        ("def f():\n    return 1 // 0\n", raised("ZeroDivisionError", 2)),
        ("def f():\n    return [][1]\n", raised("IndexError", 2)),
        ("def g():\n    raise ValueError('x')\n\ndef f():\n    return g()\n", raised("ValueError", 2)),
        ("x = 1 +\ndef f(): pass\n", raised("SyntaxError", 1)),
        ("raise ValueError('at load')\n", raised("ValueError", 1)),
        ("def f():\n    return f()\n", raised("RecursionError", 2)),
        ("def f():\n    return open('/etc/passwd').read()\n", raised("NotImplementedError", 0)),
        ("def f():\n    assert 1 == 2\n", raised("AssertionError", 2)),
    ];
    for (source, (expected, at)) in table {
        match called(source) {
            Err(Fault::Raised { kind, line, .. }) => assert_eq!((kind, line), (expected, at), "{source}"),
            other => panic!("{source}: {other:?}"),
        }
    }
    assert_eq!(loaded("def g(): pass\n").err(), Some(Fault::NoEntry));
    assert_eq!(loaded("f = 3\n").err(), Some(Fault::NoEntry));
    let no_value = |source: &str| match called(source) {
        Err(Fault::NoValue { what }) => what,
        other => panic!("{source}: {other:?}"),
    };
    assert_eq!(no_value("def f(): return {1, 2}\n"), "set");
    assert_eq!(no_value("def f(): return {1: 2}\n"), "a dict with a key of type int");
    assert_eq!(no_value("def f(): return float('nan')\n"), "nan");
    assert_eq!(no_value("def f(): return 1 << 70000\n"), "an int of 70001 bits");
    assert!(
        no_value("def f():\n    a = []\n    for i in range(70): a = [a]\n    return a\n").contains("deep")
    );
    // An error does not end the worker: the next call is as good as any.
    let mut worker = loaded("def f(x):\n    return 10 // x\n").unwrap();
    assert!(worker.call(&[Value::Int(0)]).is_err());
    assert_eq!(worker.call(&[Value::Int(5)]).unwrap().as_int(), Some(2));
}

/// The order of sets and dicts, hashes and identities are the same in every process.
fn it_repeats_itself() {
    let source = "import re, json\nclass A: pass\ndef f():\n    \
        words = set(['b', 'a', 'xyz', 'q', 'hello', 'zz', 'k', 'm'])\n    \
        return [list(words), hash('a'), hash(1.5), id(words), repr(A()), list({3, 1, 99, -7, 1 << 40}), \
        json.dumps(json.loads('{\"b\": 1, \"a\": 2}')), re.findall('[ab]', 'abc'), list(frozenset('hello world'))]\n";
    let first = abi::encode(&called(source).unwrap());
    for _ in 0..5 {
        assert_eq!(abi::encode(&called(source).unwrap()), first);
    }
    let other = source.replace("'zz'", "'zy'");
    assert_ne!(abi::encode(&called(&other).unwrap()), first, "the negative control");
}

/// Each body tries something and returns normally only if that worked.
fn it_reaches_nothing() {
    let worker = launcher(Limits::DEFAULT).start().unwrap();
    assert!(worker.isolation().seccomp && worker.isolation().no_files && worker.isolation().no_capabilities);
    for body in [
        "open('/etc/passwd').read()",
        "open('/proc/self/environ').read()",
        "open('/tmp/nmk-sandbox-test', 'w').write('x')",
        "__import__('os').getenv('HOME') or nothing()",
        "[c for c in ().__class__.__bases__[0].__subclasses__()]",
        "(lambda: 0).__globals__['x']",
        "(lambda: 0).__code__",
        "print.__self__",
    ] {
        let found = called(&format!("import os, sys, pathlib\ndef f():\n    {body}\n"));
        assert!(matches!(found, Err(Fault::Raised { .. })), "{body}: {found:?}");
    }
    for body in [
        "os.listdir('/')",
        "os.getenv('HOME') or nothing()",
        "os.mkdir('/tmp/nmk-sandbox-test')",
        "os.unlink('/tmp/nothing-there')",
        "pathlib.Path('/etc/passwd').read_text()",
        "pathlib.Path('/tmp').exists() or nothing()",
        "sys.stdout.write('forged')",
    ] {
        let found = called(&format!("import os, sys, pathlib\ndef f():\n    {body}\n"));
        assert!(matches!(found, Err(Fault::Raised { .. })), "{body}: {found:?}");
    }
    // What is printed leads nowhere.
    let mut worker = loaded("def f(x):\n    print('forged' * 1000)\n    return x\n").unwrap();
    assert_eq!(worker.call(&[Value::Int(4)]).unwrap().as_int(), Some(4));
}

fn nothing_hangs() {
    let limits = Limits {
        call: Duration::from_millis(500),
        load: Duration::from_millis(500),
        memory_bytes: 256 << 20,
        cpu_seconds: 5,
        ..Limits::DEFAULT
    };
    let nested = format!("def f():\n    return {}1{}\n", "(".repeat(20_000), ")".repeat(20_000));
    let deep = format!("def f():\n    return {}1\n", "-".repeat(100_000));
    let indented: String = (0..500).map(|depth| format!("{}if 1:\n", " ".repeat(depth))).collect();
    for source in [
        "def f():\n    while True: pass\n",
        "while True: pass\n",
        "def f():\n    x = []\n    while True: x.append('a' * 1000)\n",
        "def f():\n    return 'a' * (1 << 40)\n",
        "def f():\n    return 7 ** 7 ** 9\n",
        "def f():\n    return len(str(7 ** 3000000))\n",
        "def f():\n    return list(range(1 << 40))\n",
        "def f():\n    return [0] * (1 << 40)\n",
        "def f():\n    return sum(1 for i in range(1 << 60))\n",
        "def f():\n    return sorted(range(1 << 30))\n",
        "def f():\n    return 'x' * 100000000\n",
        "def f():\n    a = []\n    a.append(a)\n    return a\n",
        nested.as_str(),
        deep.as_str(),
        indented.as_str(),
        "def f(:\n",
        "\u{0}",
    ] {
        let began = Instant::now();
        let mut worker = launcher(limits).start().unwrap();
        let found = worker.load(source, "f").and_then(|()| worker.call(&[]));
        let shown: String = source.chars().take(60).collect();
        assert!(found.is_err(), "{shown}");
        assert!(began.elapsed() < limits.call + limits.load + Duration::from_secs(1), "{shown}");
    }
}
