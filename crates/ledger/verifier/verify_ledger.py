#!/usr/bin/env python3
"""A second verifier of ledgers, written from the description of their bytes (docs/ledger-format.md).

    verify_ledger.py --key KEY.pub [--head HEX] DIR...   one line a ledger; exit 0, 1 (refused) or 2 (bad input)
    verify_ledger.py --key KEY.pub --batch -             one line of answer for each line of standard input

A line of a batch is a folder, then tab-separated: `head=HEX`, a head that must be met, `key=PATH`, another key, and
edits `FILE OFFSET REMOVE HEX`: put HEX in place of REMOVE bytes at OFFSET; a REMOVE of `-` takes the file away.

The key is compared with the private key beside it (KEY.pub without `.pub`) where that can be read. A ledger that a
writer is at work on is refused; copy it first.
"""

import argparse
import os
import pathlib
import re
import stat
import struct
import sys
from fractions import Fraction

from blake3 import blake3
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

VERSION = 1
MAX_ENTRY, MAX_BLOB, MAX_HEAD, MAX_CHECKPOINT, MAX_DEPTH = 1 << 20, 16 << 20, 1024, 16 << 10, 64
KINDS = "opened admitted parked proposed judged decided computed failed committed abstained sealed examined forgotten".split()
HEAD_DOMAIN, CHECKPOINT_DOMAIN, FRAME, MAX_OPEN = b"nmk.head.v1", b"nmk.checkpoint.v1", 36, 1024
FILES = "entries head head.new lock head.tmp blob.tmp checkpoint checkpoint.tmp".split()
EMPTY = re.compile(r"lock|jobs/job-[0-9a-f]{16}")
ASIDE = re.compile(r"aside/[0-9]{1,19}\.(entries|head|checkpoint)")
SHELF = re.compile(r"blobs/[0-9a-f]{2}")
BLOB = re.compile(r"blobs/([0-9a-f]{2})/(\1[0-9a-f]{62})")


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


def is_jobs(value):
    if not isinstance(value, list) or not all(is_int(item) for item in value):
        return False
    jobs = [item & ((1 << 64) - 1) for item in value]
    return len(jobs) <= MAX_OPEN and all(before < after for before, after in zip(jobs, jobs[1:]))


def encode(value):
    """The canonical bytes of what a signature covers: a map of ints, digests and lists of ints."""
    if isinstance(value, bytes):
        return b"\x06" + struct.pack("<I", len(value)) + value
    if isinstance(value, list):
        return b"\x07" + struct.pack("<I", len(value)) + b"".join(encode(item) for item in value)
    if isinstance(value, dict):
        pairs = sorted((name.encode(), encode(item)) for name, item in value.items())
        body = b"".join(struct.pack("<I", len(name)) + name + item for name, item in pairs)
        return b"\x08" + struct.pack("<I", len(value)) + body
    return b"\x03" + struct.pack("<q", value)


def shape(value, fields, what):
    need(isinstance(value, dict), f"{what} is no map")
    version = value.get("version")
    need(not is_int(version, VERSION + 1), f"{what} has version {version}, this verifier reads {VERSION}")
    need(set(value) == set(fields), f"{what} does not have the fields of the format")
    for name, good in fields.items():
        need(good(value[name]), f"{what}: field {name} is not as the format has it")


HEAD_FIELDS = {"version": lambda v: is_int(v, VERSION, VERSION), "count": lambda v: is_int(v, 0), "chain": is_digest,
               "length": lambda v: is_int(v, 0), "key": is_digest, "signature": lambda v: is_digest(v, 64)}
CHECKPOINT_FIELDS = {**HEAD_FIELDS, "last": is_digest, "open": lambda v: is_jobs(v), "blob_bytes": lambda v: is_int(v, 0)}
ENTRY_FIELDS = {"version": lambda v: is_int(v, VERSION, VERSION), "index": lambda v: is_int(v, 0),
                "kind": lambda v: isinstance(v, str) and v in KINDS, "job": is_int,
                "task": lambda v: is_int(v, 0, (1 << 32) - 1),
                "inputs": is_digests, "body": lambda v: True, "prev": is_digest}


def open_plainly(path, owner, what, names=1):
    """The bytes of a plain file of `owner` that has at most `names` names and that nobody else may change."""
    found = os.lstat(path)
    kinds = ((stat.S_ISLNK, "a link"), (stat.S_ISFIFO, "a FIFO"), (stat.S_ISSOCK, "a socket"),
             (stat.S_ISBLK, "a device"), (stat.S_ISCHR, "a device"), (stat.S_ISDIR, "a folder"))
    for is_kind, kind in kinds:
        need(not is_kind(found.st_mode), f"{what} is {kind} and no plain file")
    need(found.st_nlink <= names, f"{what} is a hard link")
    closed(found, owner, what)
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        return file.read()


def closed(found, owner, what):
    need(found.st_uid == owner, f"{what} belongs to another user")
    need(not found.st_mode & 0o022, f"{what} can be changed by others")


def read_folder(path):
    root = os.lstat(path)
    need(not stat.S_ISLNK(root.st_mode), "the folder is a link")
    need(stat.S_ISDIR(root.st_mode), "the folder is no folder")
    closed(root, root.st_uid, "the folder")
    files = {}

    def walk(folder, below):
        for item in sorted(os.listdir(folder)):
            name, place = below + item, os.path.join(folder, item)
            found = os.lstat(place)
            is_folder = name in ("blobs", "jobs", "aside") or (SHELF.fullmatch(name) and stat.S_ISDIR(found.st_mode))
            if is_folder and stat.S_ISDIR(found.st_mode):
                closed(found, root.st_uid, name)
                walk(place, name + "/")
            else:
                need(name not in ("blobs", "jobs", "aside") or not stat.S_ISREG(found.st_mode), f"{name} is no folder")
                files[name] = open_plainly(place, root.st_uid, name)

    walk(path, "")
    return files


def check_names(files):
    for name, data in files.items():
        known = name in FILES or EMPTY.fullmatch(name) or ASIDE.fullmatch(name) or BLOB.fullmatch(name)
        need(known, f"{name} is no part of a ledger")
        need(not (EMPTY.fullmatch(name) and data), f"{name} is not empty")


def edited(files, edits):
    files = dict(files)
    for name, offset, remove, insert in edits:
        old = files.pop(name, b"")
        if remove is not None:
            files[name] = old[:offset] + insert + old[offset + remove:]
    return files


def read_signed(data, pinned, fields, domain, most, what):
    need(data is not None and len(data) <= most, f"{what} is missing, or too long")
    found = decode(data)
    shape(found, fields, what)
    need(found["key"] == pinned, f"{what} was signed by another key than the pinned one")
    unsigned = encode({name: value for name, value in found.items() if name != "signature"})
    try:
        VerifyKey(pinned).verify(domain + b"\0" + unsigned, found["signature"])
    except (BadSignatureError, ValueError) as error:
        raise Refused(f"the signature of {what} does not hold") from error
    return found


def read_head(data, pinned, what="the head"):
    return read_signed(data, pinned, HEAD_FIELDS, HEAD_DOMAIN, MAX_HEAD, what)


def read_checkpoint(data, pinned):
    if data is None:
        return None
    return read_signed(data, pinned, CHECKPOINT_FIELDS, CHECKPOINT_DOMAIN, MAX_CHECKPOINT, "the checkpoint")


def check_beyond(files, pinned, head, length):
    """The announced head if an append was announced and not ended. Refuses whatever else lies beyond the head."""
    data = files.get("head.new")
    need(length >= head["length"], "the entries end before their head: acknowledged entries are gone")
    if data is None or data == files["head"]:
        need(length == head["length"], "bytes follow that no head covers and no writer announced")
        return None
    announced = read_head(data, pinned, "the announced head")
    more = announced["count"] > head["count"] and announced["length"] > head["length"]
    need(more, "the announced head covers no more than the head")
    need(length <= announced["length"], "bytes follow that no writer announced")
    return announced


def is_complete(files, history, announced):
    """Whether the announced entries are there, with every blob that they name."""
    if len(files["entries"]) != announced["length"]:
        return False
    beyond = history.continued()
    try:
        beyond.read(files, announced["length"])
        beyond.check(announced)
    except Refused:
        return False
    return True


def check_blob(files, name, wanted):
    data = files.get(f"blobs/{name[:2]}/{name}")
    good = data is None or (len(data) <= MAX_BLOB and digest("nmk.blob.v1", data) == wanted)
    need(good, f"blob {name} was changed")
    return data is not None


class History:
    """The entries up to a place, and the blobs that they name and that are missing."""

    def __init__(self, expected=None, checkpoint=None):
        self.last = self.chain = digest("nmk.genesis.v1", b"")
        self.expected, self.met = expected, expected is None or expected == self.chain
        self.at, self.count, self.missing, self.open, self.ended = 0, 0, {}, set(), set()
        self.checkpoint, self.passed = checkpoint, checkpoint is None
        self.compare()

    def compare(self):
        """Notes that the history passes the checkpoint and is there as it says."""
        if self.checkpoint and self.checkpoint["count"] == self.count:
            here = {"last": self.last, "chain": self.chain, "length": self.at, "open": self.open}
            stated = {**self.checkpoint, "open": set(self.checkpoint["open"])}
            self.passed = all(stated[name] == value for name, value in here.items())

    def continued(self):
        other = History()
        other.last, other.chain, other.at, other.count = self.last, self.chain, self.at, self.count
        return other

    def read(self, files, end):
        while self.at < end:
            self.read_one(files, files["entries"], end)

    def read_one(self, files, entries, end):
        where = f"entry {self.count} at byte {self.at}"
        room = end - self.at - FRAME
        size = struct.unpack_from("<I", entries, self.at)[0] if room >= 0 else 0
        need(0 <= room and size <= min(room, MAX_ENTRY), f"{where}: bad frame")
        payload = entries[self.at + 4:self.at + 4 + size]
        entry = decode(payload)
        shape(entry, ENTRY_FIELDS, where)
        need(entry["index"] == self.count and entry["prev"] == self.last, f"{where}: wrong index or previous entry")
        self.last = digest("nmk.entry.v1", payload)
        self.chain = digest("nmk.chain.v1", self.chain + self.last)
        need(entries[self.at + 4 + size:self.at + FRAME + size] == self.chain, f"{where}: chain mismatch")
        self.met = self.met or self.chain == self.expected
        self.note_job(entry["kind"], entry["job"], where)
        self.note_blobs(files, entry, where)
        self.at, self.count = self.at + FRAME + size, self.count + 1
        self.compare()

    def note_job(self, kind, job, where):
        name = f"job-{job & (1 << 64) - 1:016x}"
        need(job not in self.ended or kind == "forgotten", f"{where}: {name} ended before this entry")
        if kind == "opened":
            self.open.add(job)
        elif kind in ("committed", "abstained"):
            self.open.discard(job)
            self.ended.add(job)

    def note_blobs(self, files, entry, where):
        body = entry["body"] if isinstance(entry["body"], dict) else {}
        blobs = body.get("blobs", [])
        need(is_digests(blobs), f"{where}: field blobs is not as the format has it")
        for blob in blobs:
            if not check_blob(files, blob.hex(), blob):
                self.missing.setdefault(blob, where)
        if entry["kind"] == "forgotten":
            need(is_digest(body.get("digest")), f"{where}: field digest is not as the format has it")
            self.missing.pop(body["digest"], None)  # an entry that names the blob after this one needs it again

    def check(self, head):
        same = (self.count, self.chain) == (head["count"], head["chain"])
        need(same, "the entries are a chain, and not the one that was signed")
        for blob, where in self.missing.items():
            raise Refused(f"{where}: blob {blob.hex()} is missing")


def verify(files, pinned, expected=None):
    check_names(files)
    head = read_head(files.get("head"), pinned)
    need("entries" in files, "the entries are missing")
    announced = check_beyond(files, pinned, head, len(files["entries"]))
    history = History(expected, read_checkpoint(files.get("checkpoint"), pinned))
    history.read(files, head["length"])
    history.check(head)
    need(history.passed, "the checkpoint is beyond the head, or not of this history")
    if announced:
        then = "finishes it" if is_complete(files, history, announced) else "sets them aside"
        raise Refused(f"a writer stopped in an append; the next writer {then}")
    need(history.met, "the expected head is not in this chain")
    for path in files:
        if named := BLOB.fullmatch(path):
            check_blob(files, named[2], bytes.fromhex(named[2]))
    return history.count, history.chain.hex()


def answer(pinned, read, expected):
    try:
        key = pinned()
        return "ok {} {}".format(*verify(read(), key, expected))
    except Refused as error:
        return f"fail {error}"


def read_key(path):
    """The pinned key, after a comparison with the private key beside it where there is one that can be read."""
    path = pathlib.Path(path)
    folder = os.stat(path.parent)
    owner = folder.st_uid
    need(owner in (os.geteuid(), 0) or os.geteuid() == 0, f"{path.parent} belongs to another user")
    replaceable = folder.st_mode & stat.S_IWOTH and not folder.st_mode & stat.S_ISVTX
    need(not replaceable, f"{path.parent} can be changed by others")
    need(os.path.lexists(path), f"there is no {path}")
    line = re.fullmatch(rb"([0-9a-f]{64})\n?", open_plainly(path, owner, path))
    need(line, f"{path} is not one line of 64 hexadecimal digits")
    pinned = bytes.fromhex(line[1].decode("ascii"))
    private = path.with_suffix("")
    if path.suffix == ".pub" and os.path.lexists(private):
        plain = stat.S_ISREG(os.lstat(private).st_mode)
        need(plain and not os.lstat(private).st_mode & 0o077, f"{private} is no file, or open to other users")
        if os.access(private, os.R_OK):
            # A new key has two names for a moment, and a second name opens it to nobody.
            seed = open_plainly(private, owner, private, names=2)
            paired = len(seed) == 32 and any(seed) and bytes(SigningKey(seed).verify_key) == pinned
            need(paired, f"{path} is not the pair of {private}")
    return pinned


def batch(lines, pinned):
    folders, good = {}, None
    for line in lines:
        path, *rest = line.rstrip("\n").split("\t")
        expected, edits, key = None, [], None
        for part in rest:
            if part.startswith("head="):
                expected = bytes.fromhex(part[5:])
            elif part.startswith("key="):
                key = part[4:]
            else:
                name, offset, remove, insert = part.split(" ")
                edits.append((name, int(offset), None if remove == "-" else int(remove), bytes.fromhex(insert)))
        print(told := answer(lambda: read_key(key) if key else pinned, lambda: remembered(folders, path, edits), expected))
        good = good is not False and told.startswith("ok")
    return good is True  # nothing that was verified is no success


def remembered(folders, path, edits):
    folders[path] = folders.get(path) or read_folder(path)
    return edited(folders[path], edits)


def main():
    # A name in a folder may be bytes that are no text.
    sys.stdout.reconfigure(errors="backslashreplace")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--key", required=True, help="the pinned public key, 64 hexadecimal digits in a file")
    parser.add_argument("--head", help="a head that the history must run through")
    parser.add_argument("--batch", choices=["-"], help="read lines from standard input")
    parser.add_argument("folders", nargs="*")
    arguments = parser.parse_args()
    try:
        pinned = read_key(arguments.key)
        print(f"verify_ledger: key {pinned.hex()} from {arguments.key}", file=sys.stderr)
        if arguments.batch:
            return 0 if batch(sys.stdin, pinned) else 1
        expected = bytes.fromhex(arguments.head) if arguments.head else None
        told = [answer(lambda: pinned, lambda: read_folder(folder), expected) for folder in arguments.folders]
    except (OSError, ValueError, Refused) as error:
        print(f"verify_ledger: {error}", file=sys.stderr)
        return 2
    print("\n".join(told))
    return 0 if told and all(line.startswith("ok") for line in told) else 1


if __name__ == "__main__":
    sys.exit(main())
