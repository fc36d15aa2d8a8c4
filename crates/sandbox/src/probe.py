import os
import sys
import sysconfig

# Modules with compiled parts: what they map is then among the files that the sandbox may read.
for name in (
    "array binascii bisect bz2 calendar cmath collections copy csv ctypes datetime decimal difflib enum fractions "
    "functools hashlib heapq inspect itertools json lzma math operator pickle random re secrets statistics string "
    "struct textwrap threading time typing unicodedata uuid zlib zoneinfo"
).split():
    try:
        __import__(name)
    except ImportError:
        pass

# Without a PATH the interpreter does not know where it is.
executable = os.path.realpath(sys.executable or "/proc/self/exe")
print("executable=" + executable)
print("version=" + ".".join(str(part) for part in sys.version_info[:3]))
print("recent=" + ("yes" if sys.version_info >= (3, 8) else "no"))
print("read=" + executable)
paths = sysconfig.get_paths()
for key in ("stdlib", "platstdlib"):
    print("read=" + os.path.realpath(paths[key]))
seen = {"/etc/ld.so.cache"}
with open("/proc/self/maps") as maps:
    for line in maps:
        parts = line.split(None, 5)
        if len(parts) == 6 and parts[5].startswith("/"):
            seen.add(parts[5].strip())
for path in sorted(seen):
    if os.path.exists(path):
        print("read=" + path)
