"""What is inside a backup: a head, parts with their data, and at the end a manifest with their checksums."""

import hashlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from src.accounts.backup.errors import Damaged
from src.accounts.backup.vault import Opener, Sealer

_FRAME = struct.Struct(">BI")  # kind and length of what follows
_ABOUT, _PART, _DATA, _MANIFEST = 1, 2, 3, 4
_PIECE = 1024 * 1024
_LEVEL = 1  # most of it is sealed and cannot be compressed


@dataclass(frozen=True)
class About:
    """Where a backup comes from. `in_use`: processes of the instance lived while it was made."""

    version: str
    revision: str
    dialect: str
    made_at: int
    in_use: bool
    sandbox: bool
    key_check: str


@dataclass(frozen=True)
class Part:
    """One part: a `table` with its columns and their kinds, a `file`, or a `key`."""

    kind: str
    name: str
    columns: list[list[str]] = field(default_factory=list)


@dataclass
class Sum:
    """What the manifest says of a part."""

    kind: str
    name: str
    bytes: int = 0
    rows: int = 0
    sha256: str = ""


class Writer:
    """Writes parts one after the other: `begin`, `add` as often as needed, the next; at last `close`."""

    def __init__(self, sealer: Sealer, about: About) -> None:
        self._sealer, self._zip = sealer, zlib.compressobj(_LEVEL)
        self.sums: list[Sum] = []
        self._frame(_ABOUT, orjson.dumps(asdict(about)))

    def begin(self, part: Part) -> None:
        """The next part."""
        self._end_part()
        self._frame(_PART, orjson.dumps(asdict(part)))
        self.sums.append(Sum(part.kind, part.name))
        self._hash = hashlib.sha256()

    def add(self, data: bytes, rows: int = 0) -> None:
        """Data of the part that was begun last."""
        self._frame(_DATA, data)
        self._hash.update(data)
        self.sums[-1].bytes += len(data)
        self.sums[-1].rows += rows

    def close(self, sequences: dict[str, int]) -> None:
        """The manifest, and the end. `sequences`: the last id given out, by `table.column`."""
        self._end_part()
        manifest = {"parts": [asdict(one) for one in self.sums], "sequences": sequences}
        self._frame(_MANIFEST, orjson.dumps(manifest))
        self._sealer.write(self._zip.flush())
        self._sealer.close()

    def _end_part(self) -> None:
        if self.sums:
            self.sums[-1].sha256 = self._hash.hexdigest()

    def _frame(self, kind: int, payload: bytes) -> None:
        self._sealer.write(self._zip.compress(_FRAME.pack(kind, len(payload))) + self._zip.compress(payload))


class Reader:
    """Reads a backup once, from its beginning to its end."""

    def __init__(self, opener: Opener) -> None:
        self._chunks = opener.chunks()
        self._unzip = zlib.decompressobj()
        self._held = bytearray()
        kind, payload = self._frame()
        if kind != _ABOUT:
            raise Damaged("the backup does not say where it comes from")
        self.about = About(**orjson.loads(payload))
        self.sums: list[Sum] = []
        self.sequences: dict[str, int] = {}
        self._next = (0, b"")

    def parts(self) -> Iterator[tuple[Part, Iterator[bytes]]]:
        """Each part with its data; at the end everything is compared with the manifest. Raises `Damaged`."""
        kind, payload = self._frame()
        while kind == _PART:
            part = Part(**orjson.loads(payload))
            data = self._data(part)
            yield part, data
            for _ in data:
                pass  # what the caller did not want counts too
            kind, payload = self._next
        self._compare(kind, payload)

    def _data(self, part: Part) -> Iterator[bytes]:
        found, digest = Sum(part.kind, part.name), hashlib.sha256()
        while True:
            kind, payload = self._frame()
            if kind != _DATA:
                break
            digest.update(payload)
            found.bytes += len(payload)
            yield payload
        found.sha256 = digest.hexdigest()
        self.sums.append(found)
        self._next = (kind, payload)

    def _compare(self, kind: int, payload: bytes) -> None:
        if kind != _MANIFEST or self._pull(1):
            raise Damaged("the backup does not end with its manifest")
        manifest = orjson.loads(payload)
        expected = [Sum(**one) for one in manifest["parts"]]
        seen = [(one.kind, one.name, one.bytes, one.sha256) for one in self.sums]
        if seen != [(one.kind, one.name, one.bytes, one.sha256) for one in expected]:
            raise Damaged("the backup's parts are not those of its manifest")
        self.sums, self.sequences = expected, manifest["sequences"]

    def _frame(self) -> tuple[int, bytes]:
        kind, length = _FRAME.unpack(self._exactly(_FRAME.size))
        return kind, self._exactly(length)

    def _exactly(self, count: int) -> bytes:
        if not self._pull(count):
            raise Damaged("the backup ends before its manifest")
        taken = bytes(self._held[:count])
        del self._held[:count]
        return taken

    def _pull(self, count: int) -> bool:
        """Unpacks until `count` bytes are there; False when the stream ends before."""
        packed: Any = self._unzip.unconsumed_tail
        while len(self._held) < count:
            if not packed:
                packed = next(self._chunks, None)
                if packed is None:
                    return False
            try:
                self._held += self._unzip.decompress(packed, _PIECE)
            except zlib.error:
                raise Damaged("the backup's contents cannot be unpacked") from None
            packed = self._unzip.unconsumed_tail
        return True
