//! Code as people write it comes back with its results.

use abi::Value;
use sandbox::{Fault, Launcher, Limits, Pool, Shape, Signature};

use crate::{Test, launcher, loaded};

pub(crate) const TESTS: &[Test] = &[
    ("values_come_back_as_they_were_sent", values_come_back_as_they_were_sent),
    ("tuples_and_dicts_have_their_shapes", tuples_and_dicts_have_their_shapes),
    ("a_pool_hands_out_fresh_workers", a_pool_hands_out_fresh_workers),
    ("everyday_modules_work", everyday_modules_work),
    ("what_goes_wrong_is_named", what_goes_wrong_is_named),
    (
        "a_worker_goes_on_after_a_fault_that_does_not_end_it",
        a_worker_goes_on_after_a_fault_that_does_not_end_it,
    ),
];

fn values_come_back_as_they_were_sent() {
    values_come_back(&launcher(Limits::DEFAULT));
}

/// Sends values through a function that returns them, by any interpreter.
pub(crate) fn values_come_back(launcher: &Launcher) {
    let mut worker = loaded(launcher, "def f(x):\n    return x\n").unwrap();
    let number = |text: &str| Value::from_number(text).unwrap();
    let values = [
        Value::Null,
        Value::Bool(true),
        Value::Bool(false),
        Value::Int(0),
        Value::Int(i64::MIN),
        Value::Int(i64::MAX),
        number("9223372036854775808"),
        number("12345678901234567890"),
        number("-98765432109876543210987654321"),
        number("100000000000000000000000"),
        number("0.5"),
        number("-0.0"),
        number("1e300"),
        Value::text(""),
        Value::text("naïve 🦀 \u{0}"),
        Value::Bytes(vec![0, 255, 10]),
        Value::List(vec![Value::Int(1), Value::List(vec![]), Value::text("a")]),
        Value::map([("b", Value::Int(1)), ("a", Value::Null), ("ä", Value::map([("", Value::Bool(true))]))]),
    ];
    for value in values {
        let returned = worker.call(std::slice::from_ref(&value)).unwrap();
        assert_eq!(abi::encode(&returned), abi::encode(&value), "{value:?}");
    }
    // The negative control: what is not the same does not come back the same.
    let mut worker = loaded(launcher, "def f(x):\n    return x + 1\n").unwrap();
    let returned = worker.call(&[Value::Int(1)]).unwrap();
    assert_ne!(abi::encode(&returned), abi::encode(&Value::Int(1)));
    assert_eq!(returned.as_int(), Some(2));
}

fn tuples_and_dicts_have_their_shapes() {
    shapes(&launcher(Limits::DEFAULT));
}

/// Holds arguments and results of each shape against what Python says of them, by any interpreter.
pub(crate) fn shapes(launcher: &Launcher) {
    let pairs = || Shape::Pairs(Box::new(Shape::Plain), Box::new(Shape::Plain));
    let ints = |items: &[i64]| Value::List(items.iter().map(|int| Value::Int(*int)).collect());
    let table = [
        // What the function sees of an argument, which comes back as text.
        (Shape::Tuple(vec![Shape::Plain, Shape::Plain]), ints(&[1, 2]), "(1, 2)"),
        (Shape::List(Box::new(Shape::Tuple(vec![Shape::Plain]))), Value::List(vec![ints(&[1])]), "[(1,)]"),
        (pairs(), Value::List(vec![ints(&[1, 2]), ints(&[3, 4])]), "{1: 2, 3: 4}"),
        (Shape::Map(Box::new(Shape::Tuple(vec![]))), Value::map([("a", ints(&[]))]), "{'a': ()}"),
        (Shape::Union(vec![Shape::Plain, Shape::Tuple(vec![Shape::Plain])]), ints(&[7]), "(7,)"),
        (Shape::Union(vec![Shape::Plain, Shape::Tuple(vec![Shape::Plain])]), Value::Int(7), "7"),
        (Shape::Plain, ints(&[1, 2]), "[1, 2]"),
    ];
    for (shape, argument, seen) in table {
        let mut worker = launcher.start().unwrap();
        let signature = Signature { arguments: vec![shape.clone()], returns: Shape::Plain };
        worker.load_typed("def f(x):\n    return repr(x)\n", "f", &signature).unwrap();
        assert_eq!(worker.call(&[argument]).unwrap().as_text(), Some(seen), "{shape:?}");
    }
    let results = [
        ("{2: 1, 1: 2}", pairs(), Ok(Value::List(vec![ints(&[1, 2]), ints(&[2, 1])]))),
        ("[(1, 2)]", pairs(), Err("list where a dict is declared")),
        ("{2: 1}", Shape::Plain, Err("a dict with a key of type int")),
        (
            "(1, {2: (3,)})",
            Shape::Tuple(vec![Shape::Plain, pairs()]),
            Ok(Value::List(vec![
                Value::Int(1),
                Value::List(vec![Value::List(vec![Value::Int(2), ints(&[3])])]),
            ])),
        ),
        ("None", Shape::Tuple(vec![Shape::Plain]), Ok(Value::Null)),
    ];
    for (result, returns, expected) in results {
        let mut worker = launcher.start().unwrap();
        let signature = Signature { arguments: vec![], returns };
        worker.load_typed(&format!("def f():\n    return {result}\n"), "f", &signature).unwrap();
        match (worker.call(&[]), expected) {
            (Ok(got), Ok(expected)) => assert_eq!(abi::encode(&got), abi::encode(&expected), "{result}"),
            (Err(Fault::NoValue { what }), Err(expected)) => assert_eq!(what, expected, "{result}"),
            (got, expected) => panic!("{result}: {got:?} instead of {expected:?}"),
        }
    }
}

fn a_pool_hands_out_fresh_workers() {
    let pool = Pool::new(launcher(Limits::DEFAULT), 2);
    for _ in 0..4 {
        let mut worker = pool.take().unwrap();
        worker
            .load("import os\nSEEN = []\ndef f():\n    SEEN.append(1)\n    return len(SEEN)\n", "f")
            .unwrap();
        assert_eq!(worker.call(&[]).unwrap().as_int(), Some(1));
    }
}

fn everyday_modules_work() {
    let launcher = launcher(Limits::DEFAULT);
    let table = [
        ("import re\ndef f():\n    return re.findall(r'\\d+', 'a1b22')\n", r#"["1","22"]"#),
        ("import math\ndef f():\n    return math.gcd(12, 18)\n", "6"),
        (
            "import itertools\ndef f():\n    return list(itertools.permutations('ab'))\n",
            r#"[["a","b"],["b","a"]]"#,
        ),
        ("import collections\ndef f():\n    return dict(collections.Counter('aab'))\n", r#"{"a":2,"b":1}"#),
        ("import datetime\ndef f():\n    return datetime.date(2024, 2, 29).isoformat()\n", r#""2024-02-29""#),
        ("import json\ndef f():\n    return json.loads('[1, true]')\n", "[1,true]"),
        (
            "from fractions import Fraction\ndef f():\n    return str(Fraction(1, 3) + Fraction(1, 6))\n",
            r#""1/2""#,
        ),
        ("from decimal import Decimal\ndef f():\n    return str(Decimal('0.1') * 3)\n", r#""0.3""#),
        ("import heapq, string, random\ndef f():\n    return heapq.nsmallest(2, [3, 1, 2])\n", "[1,2]"),
        ("import hashlib\ndef f():\n    return hashlib.sha256(b'').hexdigest()[:8]\n", r#""e3b0c442""#),
        ("def f():\n    match (1, 2):\n        case (a, b):\n            return a + b\n", "3"),
        (
            "def f():\n    print('to nobody')\n    return (yield_all(3))\ndef yield_all(n):\n    return list(g(n))\ndef g(n):\n    yield from range(n)\n",
            "[0,1,2]",
        ),
    ];
    for (source, expected) in table {
        let returned = loaded(&launcher, source).unwrap().call(&[]);
        let expected = abi::encode(&json(expected));
        assert_eq!(returned.as_ref().map(abi::encode), Ok(expected), "{source}: {returned:?}");
    }
}

/// Reads the small values of the table above.
fn json(text: &str) -> Value {
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    from_json(&value)
}

fn from_json(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => Value::from_number(&number.to_string()).unwrap(),
        serde_json::Value::String(text) => Value::text(text.as_str()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(from_json).collect()),
        serde_json::Value::Object(map) => {
            Value::Map(map.iter().map(|(key, item)| (key.clone(), from_json(item))).collect())
        }
    }
}

fn what_goes_wrong_is_named() {
    let launcher = launcher(Limits::DEFAULT);
    let raised = |source: &str| match loaded(&launcher, source).and_then(|mut worker| worker.call(&[])) {
        Err(Fault::Raised { kind, line, .. }) => (kind, line),
        other => panic!("{source}: {other:?}"),
    };
    assert_eq!(raised("def f():\n    return 1 / 0\n"), ("ZeroDivisionError".to_owned(), 2));
    assert_eq!(raised("def f(:\n"), ("SyntaxError".to_owned(), 1));
    assert_eq!(raised("x = 1\ny = undefined\n"), ("NameError".to_owned(), 2));
    assert_eq!(raised("def f(n):\n    return n\n").0, "TypeError");
    assert_eq!(raised("def f():\n    return f()\n"), ("RecursionError".to_owned(), 2));
    assert_eq!(raised("import numpy\n").0, "ModuleNotFoundError");
    assert_eq!(loaded(&launcher, "def g():\n    pass\n").unwrap_err(), Fault::NoEntry);
    assert_eq!(loaded(&launcher, "f = 3\n").unwrap_err(), Fault::NoEntry);
    let not_plain = [
        ("def f():\n    return {1, 2}\n", "set"),
        ("def f():\n    return {1: 2}\n", "key of type int"),
        ("def f():\n    return float('nan')\n", "nan"),
        ("def f():\n    return '\\ud800'\n", "surrogate"),
        ("def f():\n    return 1 << 100000\n", "100001 bits"),
        ("def f():\n    x = []\n    for _ in range(100):\n        x = [x]\n    return x\n", "64 deep"),
        ("class C(int):\n    pass\ndef f():\n    return C(3)\n", "C"),
        ("def f():\n    yield 1\n", "generator"),
    ];
    for (source, part) in not_plain {
        match loaded(&launcher, source).unwrap().call(&[]) {
            Err(Fault::NoValue { what }) => assert!(what.contains(part), "{source}: {what}"),
            other => panic!("{source}: {other:?}"),
        }
    }
    let large = "def f():\n    return 'x' * (5 << 20)\n";
    let fault = loaded(&launcher, large).unwrap().call(&[]).unwrap_err();
    assert!(matches!(fault, Fault::ResultTooLarge { .. }), "{fault:?}");
    let fault = loaded(&launcher, &"#".repeat(5 << 20)).unwrap_err();
    assert!(matches!(fault, Fault::TooLarge { limit, .. } if limit == 4 << 20), "{fault:?}");
}

fn a_worker_goes_on_after_a_fault_that_does_not_end_it() {
    let launcher = launcher(Limits::DEFAULT);
    let source = "def f(n):\n    if n == 0:\n        raise SystemExit\n    if n == 1:\n        return {1}\n    return [0] * 10**12 if n == 2 else n\n";
    let mut worker = loaded(&launcher, source).unwrap();
    let mut call = |n| worker.call(&[Value::Int(n)]);
    assert!(matches!(call(0), Err(Fault::Raised { kind, .. }) if kind == "SystemExit"));
    assert!(matches!(call(1), Err(Fault::NoValue { .. })));
    assert_eq!(call(2).unwrap_err(), Fault::OutOfMemory);
    assert_eq!(call(3).unwrap().as_int(), Some(3));
}
