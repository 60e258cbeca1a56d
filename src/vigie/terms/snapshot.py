"""A tree of objects as octets and back: what a step remembers, so that it can go on elsewhere, bit for bit.

No pickle: the octets hold numbers, texts, arrays and the attributes of our own classes, and nothing in them is ever
called. An object that stands in two places comes back as one. What follows from settings (a site, compiled tables) is
not written: a class names those attributes in ``NOT_IN_SNAPSHOT``, and they stay as the freshly made state has them.
A class that knows better what of it lasts has ``snapshot_parts()`` and ``take_parts(parts)``.

Layout: magic, version, one value. A value is a tag octet and what the tag says; lengths and counts are 8 octets,
little-endian. The same state gives the same octets: sets are sorted by how they print, nothing else needs an order.
A container of sixteen or more holds its items column by column where they are alike (``many``): numbers and texts as
one array, objects of one class attribute by attribute.
"""

from __future__ import annotations

import ast
import math
import struct
import sys
from collections import Counter, deque
from enum import Enum
from itertools import islice
from typing import Any, Final

import numpy as np

from vigie.terms.errors import VigieError
from vigie.terms.plain_lists import PLAIN, pack, unpack

MAGIC: Final = b"VIGSNAP\x00"
VERSION: Final = 2
_INT: Final = struct.Struct("<q")
_FLOAT: Final = struct.Struct("<d")
_DEEPEST: Final = 100
_MANY: Final = 16
"""A container of so many items is written column by column."""
_LIST_KINDS: Final[dict[type, bytes]] = {list: b"L", tuple: b"U", set: b"X", frozenset: b"Z", deque: b"Q"}
_MAP_KINDS: Final[dict[type, bytes]] = {dict: b"M", Counter: b"C"}
_KINDS: Final = (
    bool, int, float, np.bool_, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64,
    np.float32, np.float64,
)  # fmt: skip
_KIND_NAMES: Final = {kind.__name__: kind for kind in _KINDS}


class SnapshotError(VigieError):
    """A state that cannot be written, or octets that are no snapshot of this software."""


def encode(root: object, given: tuple[object, ...] = ()) -> bytes:
    """Return ``root`` as octets; objects of ``given`` (known to the reader too) are written as their place in it.

    Raises
    ------
    SnapshotError
        Naming the attribute that holds what cannot be written.
    """
    writer = _Writer(given)
    writer.out += [MAGIC, _INT.pack(VERSION)]
    writer.value(root, "state", 0)
    return b"".join(writer.out)


def decode(octets: bytes, root: object, given: tuple[object, ...] = ()) -> Any:
    """Bring ``root``, freshly made with the same settings, to the state in ``octets``; return it.

    Raises
    ------
    SnapshotError
        If the octets are of another version, are damaged, or fit no object of this software.
    """
    head = len(MAGIC) + _INT.size
    if not octets.startswith(MAGIC) or len(octets) < head:
        raise SnapshotError(f"no snapshot begins with {octets[:8]!r}: expected {MAGIC!r}")
    (version,) = _INT.unpack_from(octets, len(MAGIC))
    if version != VERSION:
        raise SnapshotError(
            f"the snapshot has version {version}, this software reads version {VERSION}: "
            "replay the recording from its beginning instead"
        )
    reader = _Reader(octets, head, given)
    try:
        value = reader.value(root, 0)
    except (struct.error, IndexError, KeyError, TypeError, ValueError, AttributeError, UnicodeDecodeError) as why:
        raise SnapshotError(f"the snapshot cannot be read at octet {reader.at}: {why}") from why
    if reader.at != len(octets):
        raise SnapshotError(f"the snapshot has {len(octets) - reader.at} octets too many")
    return value


def attributes(thing: object) -> dict[str, Any]:
    """Return what of an object lasts: its parts, or its attributes less those that follow from settings."""
    if hasattr(thing, "snapshot_parts"):
        parts: dict[str, Any] = thing.snapshot_parts()
        return parts
    left_out = getattr(type(thing), "NOT_IN_SNAPSHOT", ())
    found = dict(getattr(thing, "__dict__", {}))
    for kind in type(thing).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(thing, name):
                found[name] = getattr(thing, name)
    return {name: found[name] for name in sorted(found) if name not in left_out}


class _Writer:
    def __init__(self, given: tuple[object, ...]) -> None:
        self.out: list[bytes | memoryview] = []
        self._given = {id(thing): k for k, thing in enumerate(given)}
        self._seen: dict[int, int] = {}
        self._kept: list[object] = []  # so that no id is used twice while we write

    def _text(self, text: str) -> None:
        octets = text.encode()
        self.out += [_INT.pack(len(octets)), octets]

    def value(self, v: Any, path: str, depth: int) -> None:
        """Write one value; ``path`` is for the message when it cannot be written."""
        out = self.out
        if depth > _DEEPEST:
            raise SnapshotError(f"{path}: deeper than {_DEEPEST} levels")
        kind = type(v)
        if v is None:
            out.append(b"N")
        elif kind is bool:
            out.append(b"T" if v else b"F")
        elif kind is int:
            octets = v.to_bytes(v.bit_length() // 8 + 1, "little", signed=True)
            out += [b"I", _INT.pack(len(octets)), octets]
        elif kind is float:
            out += [b"D", _FLOAT.pack(v)]
        elif kind is str:
            out.append(b"S")
            self._text(v)
        elif kind is bytes:
            out += [b"B", _INT.pack(len(v)), v]
        elif id(v) in self._given:
            out += [b"G", _INT.pack(self._given[id(v)])]
        elif isinstance(v, Enum):
            out.append(b"E")
            self._text(_class_name(kind, path))
            self.value(v.value, path, depth + 1)
        elif isinstance(v, type) and v in _KINDS:
            out.append(b"K")
            self._text(v.__name__)
        elif isinstance(v, np.generic):
            out.append(b"0")
            self._array(np.asarray(v), path)
        elif id(v) in self._seen:
            out += [b"R", _INT.pack(self._seen[id(v)])]
        else:
            self._seen[id(v)] = len(self._kept)
            self._kept.append(v)
            self._whole(v, kind, path, depth)

    def _whole(self, v: Any, kind: type, path: str, depth: int) -> None:
        out = self.out
        if kind is np.ndarray:
            out.append(b"A")
            self._array(v, path)
        elif kind in _MAP_KINDS:
            out += [_MAP_KINDS[kind], _INT.pack(len(v))]
            if len(v) >= _MANY:
                self.many(list(v), f"{path} key", depth + 1)
                self.many(list(v.values()), path, depth + 1)
                return
            for key, item in v.items():
                self.value(key, f"{path} key", depth + 1)
                self.value(item, f"{path}[{key!r}]", depth + 1)
        elif kind in _LIST_KINDS:
            out += [_LIST_KINDS[kind], _INT.pack(len(v))]
            if kind is deque:
                self.value(v.maxlen, path, depth + 1)
            items = sorted(v, key=repr) if kind in (set, frozenset) else v
            if len(v) >= _MANY:
                self.many(list(items), path, depth + 1)
                return
            for k, item in enumerate(items):
                self.value(item, f"{path}[{k}]", depth + 1)
        else:
            out.append(b"O")
            self._text(_class_name(kind, path))
            parts = attributes(v)
            out.append(_INT.pack(len(parts)))
            for name, item in parts.items():
                self._text(name)
                self.value(item, f"{path}.{name}", depth + 1)

    def many(self, values: list[Any], path: str, depth: int) -> None:
        """Write the items of a container whose count the reader knows."""
        out, kinds = self.out, set(map(type, values))
        kind = next(iter(kinds)) if len(kinds) == 1 else None
        packed = pack(values) if kind in PLAIN else None
        if packed is not None:
            out += [packed[0], _INT.pack(len(packed[1])), packed[1]]
        elif kind is tuple and values[0] and len(set(map(len, values))) == 1:
            out += [b"w", _INT.pack(len(values[0]))]
            for k in range(len(values[0])):
                self.many([v[k] for v in values], f"{path}[..][{k}]", depth + 1)
        elif kind in (tuple, frozenset):
            items = values if kind is tuple else [sorted(v, key=repr) for v in values]
            out.append(b"u" if kind is tuple else b"z")
            self.many([len(v) for v in items], path, depth + 1)
            self.many([one for v in items for one in v], path, depth + 1)
        elif kind is not None and (columns := self._columns(kind, values)) is not None:
            out.append(b"o")
            self._text(_class_name(kind, path))
            self._seen.update((id(v), len(self._kept) + k) for k, v in enumerate(values))
            self._kept += values
            out.append(_INT.pack(len(columns)))
            for name, column in columns.items():
                self._text(name)
                self.many(column, f"{path}[..].{name}", depth + 1)
        else:
            out.append(b"v")
            for k, v in enumerate(values):
                self.value(v, f"{path}[{k}]", depth + 1)

    def _columns(self, kind: type, values: list[Any]) -> dict[str, list[Any]] | None:
        """Return the attributes of objects of one class, column by column; None where they must be written singly."""
        if not kind.__module__.startswith("vigie.") or issubclass(kind, Enum) or hasattr(kind, "snapshot_parts"):
            return None
        numbers = set(map(id, values))
        if len(numbers) < len(values) or numbers & self._seen.keys() or numbers & self._given.keys():
            return None
        names = list(attributes(values[0]))
        if not hasattr(values[0], "__dict__"):
            try:
                return {name: [getattr(v, name) for v in values] for name in names}
            except AttributeError:
                return None
        parts = [attributes(v) for v in values]
        if any(list(part) != names for part in parts):
            return None
        return {name: [part[name] for part in parts] for name in names}

    def _array(self, v: Any, path: str) -> None:
        if v.dtype.hasobject:
            raise SnapshotError(f"{path}: an array of objects cannot be written")
        kind = repr(np.lib.format.dtype_to_descr(v.dtype))
        self._text(kind)
        self.out += [b"a" if v.dtype.isalignedstruct else b"p", _INT.pack(v.ndim), *(_INT.pack(n) for n in v.shape)]
        if v.size:
            self.out.append(np.ascontiguousarray(v).reshape(-1).view(np.uint8).data)


def _class_name(kind: type, path: str) -> str:
    if not kind.__module__.startswith("vigie."):
        raise SnapshotError(f"{path}: a {kind.__module__}.{kind.__qualname__} cannot be written into a snapshot")
    return f"{kind.__module__}:{kind.__qualname__}"


class _Reader:
    def __init__(self, octets: bytes, at: int, given: tuple[object, ...]) -> None:
        self.at = at
        self._octets = octets
        self._given = given
        self._seen: list[Any] = []

    def _take(self, n: int) -> bytes:
        if n < 0 or self.at + n > len(self._octets):
            raise SnapshotError(f"the snapshot is cut at octet {self.at}")
        self.at += n
        return self._octets[self.at - n : self.at]

    def _int(self) -> int:
        return int(_INT.unpack(self._take(8))[0])

    def _text(self) -> str:
        return self._take(self._int()).decode()

    def value(self, template: Any, depth: int) -> Any:
        """Read one value; a mutable object of ``template``'s class is brought up to date in its place."""
        if depth > 2 * _DEEPEST:
            raise SnapshotError("the snapshot is too deep")
        tag = self._take(1)
        if tag == b"N":
            return None
        if tag in b"TF":
            return tag == b"T"
        if tag == b"I":
            return int.from_bytes(self._take(self._int()), "little", signed=True)
        if tag == b"D":
            return _FLOAT.unpack(self._take(8))[0]
        if tag == b"S":
            return self._text()
        if tag == b"B":
            return self._take(self._int())
        if tag == b"G":
            return self._given[self._int()]
        if tag == b"R":
            return self._seen[self._int()]
        if tag == b"E":
            kind = _class_of(self._text())
            return kind(self.value(None, depth + 1))
        if tag == b"K":
            return _KIND_NAMES[self._text()]
        if tag == b"0":
            return self._array(None)[()]
        place = len(self._seen)
        self._seen.append(None)
        value = self._whole(tag, place, template, depth)
        self._seen[place] = value
        return value

    def _whole(self, tag: bytes, place: int, template: Any, depth: int) -> Any:
        if tag == b"A":
            return self._array(template)
        for kind, mark in _MAP_KINDS.items():
            if tag == mark:
                out = self._seen[place] = kind()
                count = self._int()
                if count >= _MANY:
                    keys = self.many(count, depth + 1)
                    out.update(zip(keys, self.many(count, depth + 1), strict=True))
                    return out
                for _ in range(count):
                    key = self.value(None, depth + 1)
                    out[key] = self.value(None, depth + 1)
                return out
        for kind, mark in _LIST_KINDS.items():
            if tag == mark:
                count = self._int()
                longest = self.value(None, depth + 1) if kind is deque else None
                grown: list[Any] = []
                if kind is list:
                    self._seen[place] = grown
                if count >= _MANY:
                    grown.extend(self.many(count, depth + 1))
                else:
                    grown.extend(self.value(None, depth + 1) for _ in range(count))
                if kind is deque:
                    return deque(grown, longest)
                return grown if kind is list else kind(grown)
        if tag != b"O":
            raise SnapshotError(f"the snapshot has an unknown mark {tag!r} at octet {self.at - 1}")
        return self._object(place, template, depth)

    def many(self, count: int, depth: int) -> list[Any]:
        """Read the items of a container of ``count``."""
        if depth > 2 * _DEEPEST:
            raise SnapshotError("the snapshot is too deep")
        mark = self._take(1)
        if mark in PLAIN.values():
            return unpack(mark, count, self._take(self._int()))
        if mark == b"v":
            return [self.value(None, depth + 1) for _ in range(count)]
        if mark == b"w":
            return list(zip(*(self.many(count, depth + 1) for _ in range(self._int())), strict=True))
        if mark in (b"u", b"z"):
            lengths = self.many(count, depth + 1)
            items = iter(self.many(sum(lengths), depth + 1))
            kind: type = tuple if mark == b"u" else frozenset
            return [kind(islice(items, length)) for length in lengths]
        if mark != b"o" or count > len(self._octets):
            raise SnapshotError(f"the snapshot has an unknown mark {mark!r} at octet {self.at - 1}")
        own = _class_of(self._text())
        things: list[Any] = [object.__new__(own) for _ in range(count)]
        self._seen += things
        for _ in range(self._int()):
            name = self._text()
            for thing, value in zip(things, self.many(count, depth + 1), strict=True):
                object.__setattr__(thing, name, _own_nan(own, name, value) if type(value) is float else value)
        return things

    def _object(self, place: int, template: Any, depth: int) -> Any:
        kind = _class_of(self._text())
        parameters = getattr(kind, "__dataclass_params__", None)
        in_place = type(template) is kind and not (parameters is not None and parameters.frozen)
        thing = template if in_place else object.__new__(kind)
        self._seen[place] = thing
        parts = {}
        for _ in range(self._int()):
            name = self._text()
            parts[name] = _own_nan(kind, name, self.value(getattr(thing, name, None) if in_place else None, depth + 1))
        if in_place and (strange := sorted(parts.keys() - attributes(thing).keys())):
            raise SnapshotError(f"the snapshot's {kind.__qualname__} has {', '.join(strange)}, this software's has not")
        if hasattr(kind, "take_parts"):
            thing.take_parts(parts)
        else:
            for name, item in parts.items():
                object.__setattr__(thing, name, item)
        return thing

    def _array(self, template: Any) -> Any:
        kind = np.lib.format.descr_to_dtype(ast.literal_eval(self._text()))
        if self._take(1) == b"a" and kind.fields is not None:
            names = list(kind.names or ())
            kind = np.dtype(
                {
                    "names": names, "formats": [kind.fields[n][0] for n in names],
                    "offsets": [kind.fields[n][1] for n in names], "itemsize": kind.itemsize,
                }, align=True,
            )  # fmt: skip
        shape = tuple(self._int() for _ in range(self._int()))
        count = 1
        for n in shape:
            count *= n
        if type(template) is np.ndarray and template.dtype.fields is not None and template.dtype != kind:
            raise SnapshotError(f"the snapshot has rows with other columns at octet {self.at}: {kind.names}")
        data = self._take(count * kind.itemsize)
        if not data:
            return np.zeros(shape, kind)
        alike = type(template) is np.ndarray and template.dtype == kind and template.shape == shape
        if alike and template.flags.writeable and template.flags.c_contiguous:
            template.reshape(-1).view(np.uint8)[:] = np.frombuffer(data, np.uint8)
            return template
        # From octets, not by copying rows: NumPy leaves the padding between columns to chance.
        return np.frombuffer(bytearray(data), kind).reshape(shape)


def _own_nan(kind: type, name: str, value: Any) -> Any:
    """Return the class's own NaN for a NaN: two rows with absent values are equal only if it is the same object."""
    if type(value) is float and math.isnan(value):
        usual = getattr(kind, "__dataclass_fields__", {}).get(name)
        if usual is not None and type(usual.default) is float and math.isnan(usual.default):
            return usual.default
    return value


def _class_of(name: str) -> type:
    """Return one of our own classes that is loaded already; nothing is imported and nothing else is found."""
    module, _, qualname = name.partition(":")
    if not module.startswith("vigie.") or module not in sys.modules:
        raise SnapshotError(f"the snapshot names the class {name}, which this software does not have")
    found: Any = sys.modules[module]
    for part in qualname.split("."):
        found = getattr(found, part, None)
    if not isinstance(found, type):
        raise SnapshotError(f"the snapshot names the class {name}, which this software does not have")
    return found
