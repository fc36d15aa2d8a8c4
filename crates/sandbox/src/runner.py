# Runs in the worker, in the same interpreter as the candidate. Nothing that it sends is believed: it turns results
# into plain data, and the parent decides what they are worth.
import os
import struct
import sys

# A result of more digits, or that nests deeper, is no plain data here.
MAX_BITS = 1 << 16
MAX_DEPTH = 64


# Dicts of the standard library are dicts. They are known by name, so that no worker imports them without need. A class
# that only has the name gains nothing, because its items are read past its own methods.
DICTS = ("Counter", "OrderedDict", "defaultdict")


class NoValue(Exception):
    pass


def is_dict(kind):
    return kind is dict or issubclass(kind, dict) and kind.__module__ == "collections" and kind.__name__ in DICTS


def encode(value, depth=0):
    kind = type(value)
    if value is None:
        return b"\x00"
    if kind is bool:
        return b"\x02" if value else b"\x01"
    if kind is int:
        return encode_int(value)
    if kind is float:
        if value != value:
            raise NoValue("nan")
        return b"\x04" + struct.pack("<d", value)
    if kind is str:
        try:
            return b"\x05" + run(value.encode("utf-8"))
        except UnicodeEncodeError:
            raise NoValue("a text with a lone surrogate") from None
    if kind is bytes:
        return b"\x06" + run(value)
    if depth == MAX_DEPTH:
        raise NoValue("a value that nests more than %d deep" % MAX_DEPTH)
    if kind is list or kind is tuple:
        return b"\x07" + length(len(value)) + b"".join([encode(item, depth + 1) for item in value])
    if is_dict(kind):
        items = []
        for key, item in dict.items(value):
            if type(key) is not str:
                raise NoValue("a dict with a key of type " + type(key).__name__)
            items.append((encode(key)[1:], item))
        items.sort(key=lambda pair: pair[0][4:])
        parts = [key + encode(item, depth + 1) for key, item in items]
        return b"\x08" + length(len(items)) + b"".join(parts)
    raise NoValue(kind.__name__)


def encode_int(value):
    if -(1 << 63) <= value < 1 << 63:
        return b"\x03" + struct.pack("<q", value)
    if value.bit_length() > MAX_BITS:
        raise NoValue("an int of %d bits" % value.bit_length())
    try:
        near = float(value)
        if int(near) == value:
            return b"\x04" + struct.pack("<d", near)
    except OverflowError:
        pass
    digits = str(abs(value))
    kept = digits.rstrip("0")
    sign = b"\x01" if value < 0 else b"\x00"
    return b"\x09" + sign + struct.pack("<i", len(digits) - len(kept)) + run(kept.encode("ascii"))


def length(count):
    return struct.pack("<I", count)


def run(data):
    return length(len(data)) + data


def shaped(value, shape):
    # Plain data becomes an argument: None stands for data that is the same in Python.
    if shape is None:
        return value
    kind, of = shape[0], shape[1]
    if kind == "tuple":
        if type(value) is list and len(value) == len(of):
            return tuple([shaped(*pair) for pair in zip(value, of)])
        return value
    if kind == "union":
        for one in of:
            if fits(value, one):
                return shaped(value, one)
        return value
    if kind == "pairs":
        return {shaped(key, of): shaped(item, shape[2]) for key, item in value}
    if kind == "list":
        return [shaped(item, of) for item in value]
    return {key: shaped(item, of) for key, item in value.items()}


def fits(value, shape):
    if shape is None:
        return type(value) not in (list, dict)
    if shape[0] == "tuple":
        return type(value) is list and len(value) == len(shape[1])
    if shape[0] == "union":
        return any([fits(value, one) for one in shape[1]])
    if shape[0] == "pairs":
        return type(value) is list and all([type(item) is list and len(item) == 2 for item in value])
    return type(value) is (list if shape[0] == "list" else dict)


def flat(value, shape):
    # A result becomes plain data. One that does not have the shape stays as it is, and is judged as that.
    if shape is None:
        return value
    kind, of = shape[0], shape[1]
    if kind == "tuple":
        if type(value) in (tuple, list) and len(value) == len(of):
            return [flat(*pair) for pair in zip(value, of)]
        return value
    if kind == "union":
        for one in of:
            maps = one is not None and one[0] in ("pairs", "map")
            if maps and is_dict(type(value)) or type(value) in (tuple, list) and one is not None and not maps:
                return flat(value, one)
        return value
    if kind == "list":
        return [flat(item, of) for item in value] if type(value) in (tuple, list) else value
    if not is_dict(type(value)):
        raise NoValue("%s where a dict is declared" % type(value).__name__)
    if kind == "map":
        return {key: flat(item, of) for key, item in dict.items(value)}
    pairs = [(flat(key, of), flat(item, shape[2])) for key, item in dict.items(value)]
    return sorted(pairs, key=lambda pair: encode(pair[0]))


class Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, count):
        start = self.at
        self.at += count
        return self.data[start : self.at]

    def number(self):
        return struct.unpack("<I", self.take(4))[0]

    def text(self):
        return self.take(self.number()).decode("utf-8")

    def value(self):
        tag = self.take(1)[0]
        if tag == 0:
            return None
        if tag in (1, 2):
            return tag == 2
        if tag == 3:
            return struct.unpack("<q", self.take(8))[0]
        if tag == 4:
            return struct.unpack("<d", self.take(8))[0]
        if tag == 5:
            return self.text()
        if tag == 6:
            return self.take(self.number())
        if tag == 7:
            return [self.value() for _ in range(self.number())]
        if tag == 8:
            items = {}
            for _ in range(self.number()):
                key = self.text()
                items[key] = self.value()
            return items
        negative = self.take(1) == b"\x01"
        exponent = struct.unpack("<i", self.take(4))[0]
        digits = self.text()
        value = int(digits) * 10**exponent if exponent >= 0 else float("%se%d" % (digits, exponent))
        return -value if negative else value


def receive(descriptor):
    data = b""
    while len(data) < 4:
        part = os.read(descriptor, 4 - len(data))
        if not part:
            os._exit(0)
        data += part
    left = struct.unpack("<I", data)[0]
    parts = []
    while left:
        part = os.read(descriptor, min(left, 1 << 16))
        if not part:
            os._exit(0)
        parts.append(part)
        left -= len(part)
    return Reader(b"".join(parts)).value()


def send(descriptor, limit, parts):
    data = b"\x07" + length(len(parts)) + b"".join(parts)
    if len(data) > limit:
        parts = [parts[0], encode("too_large"), encode("%d bytes" % len(data))]
        data = b"\x07" + length(len(parts)) + b"".join(parts)
    data = run(data)
    while data:
        data = data[os.write(descriptor, data) :]


def described(error):
    line = 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "candidate":
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and type(error.lineno) is int:
        line = error.lineno
    try:
        what = str(error)[:400].encode("utf-8", "replace").decode("utf-8")
    except BaseException:
        what = ""
    name = type(error).__name__
    return [encode(name if type(name) is str else "exception"), encode(what), encode(line)]


def main():
    # The candidate may print: its standard output leads nowhere, and the frames have a descriptor of their own.
    requests, results = os.dup(0), os.dup(1)
    os.dup2(2, 0)
    os.dup2(2, 1)
    limit = receive(requests)
    send(results, limit, [encode(0), encode("ready"), encode(sys.version)])
    function = takes = returns = None
    while True:
        number, word, *rest = receive(requests)
        number = encode(number)
        try:
            if word == "load":
                source, entry, recursion, (takes, returns) = rest
                takes = takes if any(takes) else None
                sys.setrecursionlimit(recursion)
                names = {"__name__": "candidate"}
                exec(compile(source, "candidate", "exec"), names)
                function = names.get(entry)
                parts = [number, encode("loaded" if callable(function) else "no_entry")]
            else:
                arguments = rest[0]
                if takes is not None:
                    more = [None] * (len(arguments) - len(takes))
                    arguments = [shaped(*pair) for pair in zip(arguments, takes + more)]
                result = function(*arguments)
                if returns is not None:
                    result = flat(result, returns)
                parts = [number, encode("value"), encode(result)]
        except NoValue as error:
            parts = [number, encode("no_value"), encode(str(error))]
        except MemoryError:
            parts = [number, encode("no_memory")]
        except BaseException as error:
            parts = [number, encode("raised")] + described(error)
            error.__traceback__ = None
        send(results, limit, parts)
        parts = rest = None


main()
