//! Code that attacks: each piece ends with the fault that is expected, or with a value that says that it got nowhere.

use std::time::{Duration, Instant};

use abi::Value;
use sandbox::{Fault, Limits};

use crate::{Test, launcher, loaded};

pub(crate) const TESTS: &[Test] = &[
    ("nothing_outside_is_reached", nothing_outside_is_reached),
    ("nothing_hangs_and_nothing_floods", nothing_hangs_and_nothing_floods),
    ("forged_frames_are_noticed", forged_frames_are_noticed),
];

/// Each body tries something and returns normally only if that worked. It must raise, for the reason that is given.
fn nothing_outside_is_reached() {
    let launcher = launcher(Limits::DEFAULT);
    let table = [
        ("open('/etc/passwd').read()", "PermissionError"),
        ("open('/proc/self/environ').read()", "PermissionError"),
        ("open('/proc/self/status').read()", "PermissionError"),
        ("os.listdir('/')", "PermissionError"),
        ("os.listdir('/tmp')", "PermissionError"),
        ("open('/tmp/nmk-sandbox-test', 'w')", "PermissionError"),
        ("open('/dev/urandom', 'rb').read(1)", "PermissionError"),
        ("os.mkdir('/tmp/nmk-sandbox-test')", "PermissionError"),
        ("os.unlink('/tmp/nothing-there')", "PermissionError"),
        ("os.symlink('/etc/passwd', '/tmp/nmk-sandbox-test')", "PermissionError"),
        ("os.chmod('/tmp', 0o777)", "PermissionError"),
        ("os.memfd_create('x')", "PermissionError"),
        ("os.pipe()", "PermissionError"),
        ("os.urandom(8)", "NotImplementedError"),
        ("os.fork()", "PermissionError"),
        ("os.posix_spawn(sys.executable, ['python'], {})", "PermissionError"),
        ("subprocess.run([sys.executable, '-c', '1'])", "PermissionError"),
        ("os.system('true') == 0 or nothing()", "NameError"),
        ("threading.Thread(target=print).start()", "RuntimeError"),
        ("os.kill(os.getppid(), 9)", "PermissionError"),
        ("os.kill(os.getpid(), 9)", "PermissionError"),
        ("os.setsid()", "PermissionError"),
        ("os.setuid(1)", "PermissionError"),
        ("os.nice(-5)", "PermissionError"),
        ("os.chroot('/')", "PermissionError"),
        ("socket.socket()", "PermissionError"),
        ("socket.socketpair()", "PermissionError"),
        ("socket.create_connection(('127.0.0.1', 80))", "PermissionError"),
        ("socket.getaddrinfo('localhost', 80)", "gaierror"),
        ("resource.setrlimit(resource.RLIMIT_CPU, (9999, 9999))", "ValueError"),
        ("resource.setrlimit(resource.RLIMIT_NOFILE, (8, 64))", "ValueError"),
        ("signal.setitimer(signal.ITIMER_REAL, 1)", "itimer_error"),
        ("signal.alarm(1) == 1 or nothing()", "NameError"),
        ("fail(ctypes.CDLL(None).getpriority(0, 0))", "Failed"),
        ("fail(ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0))", "Failed"),
        ("fail(ctypes.CDLL(None).mount(0, b'/', 0, 0, 0))", "Failed"),
        ("fail(ctypes.CDLL(None).unshare(0x10000000))", "Failed"),
        ("os.execv('/bin/sh', ['sh'])", "PermissionError"),
    ];
    let mut wrong = Vec::new();
    for (body, expected) in table {
        let source = format!(
            "import ctypes, os, signal, socket, sys, threading, resource, subprocess\nclass Failed(Exception):\n    pass\n\
             def fail(code):\n    if code == -1:\n        raise Failed\ndef f():\n    {body}\n    return 'it worked'\n"
        );
        let ended = loaded(&launcher, &source).and_then(|mut worker| worker.call(&[]));
        if !matches!(&ended, Err(Fault::Raised { kind, .. }) if kind == expected) {
            wrong.push(format!("{body}: {ended:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(!std::path::Path::new("/tmp/nmk-sandbox-test").exists());
    // The environment has the seed of hashes and nothing else.
    let source = "import os\ndef f():\n    return sorted(k for k in os.environ if not k.startswith('LC_'))\n";
    let names = loaded(&launcher, source).unwrap().call(&[]).unwrap();
    assert_eq!(abi::encode(&names), abi::encode(&Value::List(vec![Value::text("PYTHONHASHSEED")])));
}

fn nothing_hangs_and_nothing_floods() {
    let limits = Limits {
        load: Duration::from_secs(1),
        call: Duration::from_secs(1),
        cpu_seconds: 20,
        ..Limits::DEFAULT
    };
    let launcher = launcher(limits);
    let table = [
        ("while True:\n    pass\n", "out_of_time"),
        ("def f():\n    while True:\n        pass\n", "out_of_time"),
        ("import time\ndef f():\n    time.sleep(100)\n", "out_of_time"),
        (
            "def f():\n    while True:\n        try:\n            while True: pass\n        except BaseException:\n            pass\n",
            "out_of_time",
        ),
        (
            "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ndef f():\n    while True: pass\n",
            "out_of_time",
        ),
        ("def f():\n    x = []\n    while True:\n        x.append(bytes(1 << 24))\n", "out_of_memory"),
        ("x = 'x' * (1 << 40)\n", "out_of_memory"),
        ("def f():\n    return 9 ** 9 ** 9\n", "out_of_time"),
        ("def f():\n    while True:\n        print('x' * 1000000)\n", "out_of_time"),
        ("import os\nos._exit(0)\n", "ended"),
        ("import os\ndef f():\n    os._exit(7)\n", "ended"),
        ("import sys\nsys.exit(0)\n", "raised"),
        ("import os\ndef f():\n    os.abort()\n", "ended"),
        ("import ctypes\ndef f():\n    ctypes.string_at(0)\n", "ended"),
        (
            "import sys\nsys.setrecursionlimit(10**9)\ndef f():\n    return f()\n",
            "ended|out_of_time|out_of_memory",
        ),
        (
            "import os\ndef f():\n    for fd in range(64):\n        try:\n            os.close(fd)\n        except OSError:\n            pass\n",
            "ended",
        ),
        (
            "import os, sys\ndef f():\n    os.execv(sys.executable, ['python', '-c', 'while True: pass'])\n",
            "ended|out_of_time",
        ),
        ("f = eval('(' * 1000 + ')' * 1000)\n", "raised"),
        ("\u{0}\n", "raised"),
    ];
    let mut wrong = Vec::new();
    for (source, expected) in table {
        let begun = Instant::now();
        let ended = loaded(&launcher, source).and_then(|mut worker| worker.call(&[]));
        let word = ended.as_ref().map_or_else(Fault::word, |_| "a value");
        // A second for the load, one for the call, and room for a busy machine.
        let took = begun.elapsed();
        if !expected.split('|').any(|expected| word == expected) || took > Duration::from_secs(8) {
            wrong.push(format!("{source}: {ended:?} after {took:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A candidate can find the descriptor of the frames. What it writes there is not taken for a reply that it is not.
fn forged_frames_are_noticed() {
    let launcher = launcher(Limits::DEFAULT);
    let writes = |bytes: &str| {
        format!(
            "import os, struct\ndef flood(data):\n    for fd in range(3, 64):\n        try:\n            os.write(fd, data)\n        \
             except OSError:\n            pass\ndef f(n):\n    flood({bytes})\n    return n\n"
        )
    };
    let frame = |body: &str| format!("struct.pack('<I', len({body})) + {body}");
    // A reply to this very request, before the real one: its number fits, so it is the answer, and the next is stale.
    let own = "b'\\x07\\x03\\0\\0\\0' + b'\\x03' + struct.pack('<q', n + 2) + b'\\x05\\x05\\0\\0\\0value' + b'\\x01'";
    let mut worker = loaded(&launcher, &writes(&frame(own))).unwrap();
    let first = worker.call(&[Value::Int(0)]).unwrap();
    assert_eq!(abi::encode(&first), abi::encode(&Value::Bool(false)), "it is the candidate's own answer");
    let second = worker.call(&[Value::Int(1)]).unwrap_err();
    assert_eq!(second.word(), "forged", "{second:?}");
    for bytes in [
        "b'\\xff' * 4",
        "b'\\x01\\0\\0\\0\\x63'",
        "b'\\x01\\0\\0\\0\\x00'",
        "b'\\x05\\0\\0\\0\\x07\\0\\0\\0\\0'",
        "b'x' * 100000",
        &frame("b'\\x07\\x02\\0\\0\\0' + b'\\x03' + struct.pack('<q', n + 2) + b'\\x05\\x04\\0\\0\\0true'"),
        &frame("b'\\x07\\x02\\0\\0\\0' + b'\\x03' + struct.pack('<q', 99) + b'\\x05\\x05\\0\\0\\0value'"),
    ] {
        let mut worker = loaded(&launcher, &writes(bytes)).unwrap();
        let fault = worker.call(&[Value::Int(0)]).unwrap_err();
        assert_eq!(fault.word(), "forged", "{bytes}: {fault:?}");
        // The worker is gone, and says so instead of hanging.
        assert!(worker.call(&[Value::Int(0)]).is_err());
    }
}
