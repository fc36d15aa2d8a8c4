#!/usr/bin/env python3
"""A second verifier of ledgers, written from the description of their bytes (crates/ledger/src/format.rs).

    verify_ledger.py --key KEY.pub [--head HEX] DIR...   one line a ledger; exit 0, 1 (refused) or 2 (bad input)
    verify_ledger.py --key KEY.pub --batch -             one line of answer for each line of standard input

A line of a batch is a folder, then tab-separated: `head=HEX`, a head that must be met, and edits `FILE OFFSET
REMOVE HEX`: put HEX in place of REMOVE bytes at OFFSET; a REMOVE of `-` takes the file away.
"""

import argparse
import pathlib
import re
import struct
import sys
from fractions import Fraction

from blake3 import blake3
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

VERSION = 1
MAX_ENTRY, MAX_BLOB, MAX_HEAD, MAX_DEPTH = 1 << 20, 16 << 20, 1024, 64
KINDS = "opened admitted parked proposed judged decided computed failed committed abstained forgotten".split()
HEAD_DOMAIN, FRAME = b"nmk.head.v1", 36


class Refused(Exception):
    """Why a ledger is not believed."""


def need(good, why):
    if not good:
        raise Refused(why)


def digest(domain, data):
    return blake3(data, derive_key_context=domain).digest()


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        part, self.at = self.data[self.at:self.at + count], self.at + count
        need(not (len(part) < count), "not canonical: the bytes end early")
        return part

    def length(self):
        return struct.unpack("<I", self.take(4))[0]

    def text(self):
        try:
            return self.take(self.length()).decode("utf-8")
        except UnicodeDecodeError as error:
            raise Refused("not canonical: not UTF-8") from error

    def decimal(self):
        sign, exponent = struct.unpack("<Bi", self.take(5))
        digits = self.text()
        trimmed = digits != "" and set(digits) <= set("0123456789") and digits[0] != "0" and digits[-1] != "0"
        need(sign < 2 and trimmed and not is_binary(sign, digits, exponent), "not canonical: a decimal of another form")
        return ("decimal", sign, digits, exponent)

    def value(self, depth=0):
        tag = self.take(1)[0]
        if tag <= 2:
            return (None, False, True)[tag]
        if tag == 3:
            return struct.unpack("<q", self.take(8))[0]
        if tag == 4:
            number = struct.unpack("<d", self.take(8))[0]
            need(number == number, "not canonical: NaN")
            return number
        if tag == 9:
            return self.decimal()
        if tag in (5, 6):
            return self.text() if tag == 5 else bytes(self.take(self.length()))
        need(tag in (7, 8) and depth < MAX_DEPTH, "not canonical: unknown tag, or too deep")
        count = self.length()
        if tag == 7:
            return [self.value(depth + 1) for _ in range(count)]
        found, last = {}, None
        for _ in range(count):
            key = self.text()
            need(last is None or key.encode() > last, "not canonical: keys out of order")
            last = key.encode()
            found[key] = self.value(depth + 1)
        return found


def is_binary(sign, digits, exponent):
    """Whether a 64-bit integer or a binary64 float holds the number, so that it is no decimal."""
    if len(digits) > 767 or not -1074 <= exponent <= 22:
        return False
    number = Fraction(int(digits)) * Fraction(10) ** exponent * (-1) ** sign
    if number.denominator == 1 and -(1 << 63) <= number < 1 << 63:
        return True
    try:
        return Fraction(float(number)) == number
    except OverflowError:
        return False


def decode(data):
    reader = Reader(data)
    value = reader.value()
    need(reader.at == len(data), "not canonical: bytes follow the value")
    return value


def is_int(value, least=-(1 << 63), most=(1 << 63) - 1):
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_digest(value, size=32):
    return isinstance(value, bytes) and len(value) == size


def is_digests(value):
    return isinstance(value, list) and all(is_digest(item) for item in value)


def shape(value, fields, what):
    need(isinstance(value, dict), f"{what} is no map")
    version = value.get("version")
    need(not is_int(version, VERSION + 1), f"{what} has version {version}, this verifier reads {VERSION}")
    need(set(value) == set(fields), f"{what} does not have the fields of the format")
    for name, good in fields.items():
        need(good(value[name]), f"{what}: field {name} is not as the format has it")


HEAD_FIELDS = {"version": lambda v: is_int(v, VERSION, VERSION), "count": lambda v: is_int(v, 0), "chain": is_digest,
               "length": lambda v: is_int(v, 0), "key": is_digest, "signature": lambda v: is_digest(v, 64)}
ENTRY_FIELDS = {"version": lambda v: is_int(v, VERSION, VERSION), "index": lambda v: is_int(v, 0),
                "kind": lambda v: isinstance(v, str) and v in KINDS, "job": is_int,
                "task": lambda v: is_int(v, 0, (1 << 32) - 1),
                "inputs": is_digests, "body": lambda v: True, "prev": is_digest}


def read_folder(path):
    paths = [p for p in pathlib.Path(path).rglob("*") if p.is_file()]
    files = {p.relative_to(path).as_posix(): p.read_bytes() for p in paths}
    need("entries" in files or "head" in files, f"no ledger in {path}")
    return files


def edited(files, edits):
    files = dict(files)
    for name, offset, remove, insert in edits:
        old = files.pop(name, b"")
        if remove is not None:
            files[name] = old[:offset] + insert + old[offset + remove:]
    return files


def read_head(files, pinned):
    data = files.get("head")
    need(data is not None and len(data) <= MAX_HEAD, "the head is missing, or too long")
    head = decode(data)
    shape(head, HEAD_FIELDS, "the head")
    need(head["key"] == pinned, "the head was signed by another key than the pinned one")
    unsigned = b"\x08" + struct.pack("<I", 5)
    for name in ("chain", "count", "key", "length", "version"):
        raw, value = name.encode(), head[name]
        is_raw = isinstance(value, bytes)
        unsigned += struct.pack("<I", len(raw)) + raw + (
            b"\x06" + struct.pack("<I", len(value)) + value if is_raw else b"\x03" + struct.pack("<q", value))
    try:
        VerifyKey(pinned).verify(HEAD_DOMAIN + b"\0" + unsigned, head["signature"])
    except (BadSignatureError, ValueError) as error:
        raise Refused("the head's signature does not hold") from error
    return head


def check_blob(files, name, wanted):
    data = files.get(f"blobs/{name[:2]}/{name}")
    good = data is None or (len(data) <= MAX_BLOB and digest("nmk.blob.v1", data) == wanted)
    need(good, f"blob {name} was changed")
    return data is not None


def verify(files, pinned, expected=None):
    head = read_head(files, pinned)
    entries = files.get("entries", b"")
    need(len(entries) >= head["length"], "the entries end before their head: acknowledged entries are gone")
    need(len(entries) <= head["length"], "bytes follow that no head covers")
    last = chain = digest("nmk.genesis.v1", b"")
    met = expected is None or expected == chain
    at, count, missing, forgotten = 0, 0, {}, set()
    while at < len(entries):
        where = f"entry {count} at byte {at}"
        room = len(entries) - at - FRAME
        size = struct.unpack_from("<I", entries, at)[0] if room >= 0 else 0
        need(0 <= room and size <= min(room, MAX_ENTRY), f"{where}: bad frame")
        payload = entries[at + 4:at + 4 + size]
        entry = decode(payload)
        shape(entry, ENTRY_FIELDS, where)
        need(entry["index"] == count and entry["prev"] == last, f"{where}: wrong index or previous entry")
        last = digest("nmk.entry.v1", payload)
        chain = digest("nmk.chain.v1", chain + last)
        need(entries[at + 4 + size:at + FRAME + size] == chain, f"{where}: chain mismatch")
        met = met or chain == expected
        body = entry["body"] if isinstance(entry["body"], dict) else {}
        blobs = body.get("blobs", [])
        need(is_digests(blobs), f"{where}: field blobs is not as the format has it")
        for blob in blobs:
            if not check_blob(files, blob.hex(), blob):
                missing.setdefault(blob, where)
        if entry["kind"] == "forgotten":
            need(is_digest(body.get("digest")), f"{where}: field digest is not as the format has it")
            forgotten.add(body["digest"])
        at, count = at + FRAME + size, count + 1
    need((count, chain) == (head["count"], head["chain"]), "the entries are a chain, and not the one that was signed")
    for blob, where in missing.items():
        need(blob in forgotten, f"{where}: blob {blob.hex()} is missing")
    need(met, "the expected head is not in this chain")
    for path in filter(lambda path: path.startswith("blobs/"), files):
        named = re.fullmatch(r"blobs/(..)/(\1[0-9a-f]{62})", path)
        need(named and re.fullmatch("[0-9a-f]{2}", named[1]), f"{path} is not a blob")
        check_blob(files, named[2], bytes.fromhex(named[2]))
    return count, chain.hex()


def answer(files, pinned, expected):
    try:
        return "ok {} {}".format(*verify(files, pinned, expected))
    except Refused as error:
        return f"fail {error}"


def batch(lines, pinned):
    folders, good = {}, True
    for line in lines:
        path, *rest = line.rstrip("\n").split("\t")
        folders[path] = folders.get(path) or read_folder(path)
        expected, edits = None, []
        for part in rest:
            if part.startswith("head="):
                expected = bytes.fromhex(part[5:])
            else:
                name, offset, remove, insert = part.split(" ")
                edits.append((name, int(offset), None if remove == "-" else int(remove), bytes.fromhex(insert)))
        print(told := answer(edited(folders[path], edits), pinned, expected))
        good = good and told.startswith("ok")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--key", required=True, help="the pinned public key, 64 hexadecimal digits in a file")
    parser.add_argument("--head", help="a head that the history must run through")
    parser.add_argument("--batch", choices=["-"], help="read lines from standard input")
    parser.add_argument("folders", nargs="*")
    arguments = parser.parse_args()
    try:
        pinned = bytes.fromhex(pathlib.Path(arguments.key).read_text(encoding="ascii").strip())
        if arguments.batch:
            return 0 if batch(sys.stdin, pinned) else 1
        expected = bytes.fromhex(arguments.head) if arguments.head else None
        told = [answer(read_folder(folder), pinned, expected) for folder in arguments.folders]
    except (OSError, ValueError, Refused) as error:
        print(f"verify_ledger: {error}", file=sys.stderr)
        return 2
    print("\n".join(told))
    return 0 if told and all(line.startswith("ok") for line in told) else 1


if __name__ == "__main__":
    sys.exit(main())
