"""A stream of Cursor-on-Target events to documents, however the octets are cut.

Documents follow one another without a separator. They are told apart by their tags only, without building a tree, so
that a document type reaches ``read_cot`` whole, to be refused by name there. An event inside an event does not exist:
its start tells that the one before was cut.
"""

from __future__ import annotations

import re
from typing import Final

from vigie.wire.cot.event import MOST_OCTETS, TAK_MAGIC

_TAG: Final = re.compile(rb"""</?([^\s<>"'/]*+)(?:[^<>"']|"[^"<]*+"|'[^'<]*+')*+""")
_SPANS: Final = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"))
_LONGEST_TAG: Final = 8192
_SPACE: Final = b" \t\r\n\0"


class CotStream:
    """Cuts octets into documents; the same octets give the same documents, in whatever pieces they come.

    ``counts`` says what did not become a document: ``buffer_limit`` (longer than 64 KiB), ``record_truncated`` (cut by
    the next event or the end), ``tak_protobuf`` (a frame of TAK's other protocol, skipped whole).
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._at = 0
        self._skip = 0
        self._inside = self._doctype = self._too_long = False
        self._clean = True
        self.counts = {"buffer_limit": 0, "record_truncated": 0, "tak_protobuf": 0}

    def feed(self, octets: bytes) -> list[bytes]:
        """Return the documents that these octets complete."""
        self._held += octets
        out: list[bytes] = []
        while (found := self._one()) is not None:
            if found:
                out.append(found)
        if self._at > MOST_OCTETS:  # what was looked at already need not be kept to find the end
            if self._inside:
                self._too_long = True
            elif self._doctype:
                self.counts["buffer_limit"] += 1
                self._doctype = False
            self._drop(self._at)
        return out

    def finish(self) -> None:
        """Count what the end of the stream cut, and be ready for another."""
        self.counts["record_truncated"] += int(self._inside or self._doctype)
        counts = self.counts
        self.__dict__.update(CotStream().__dict__)
        self.counts = counts

    def _drop(self, n: int) -> None:
        del self._held[:n]
        self._at = max(0, self._at - n)

    def _one(self) -> bytes | None:
        """Look at one piece of markup: a document, b"" to go on, None to wait for more octets."""
        held = self._held
        if self._clean and not self._between():
            return None
        if self._clean:
            return b""
        mark = held.find(b"<", self._at)
        if not self._inside and not self._doctype and held[self._at : mark if mark >= 0 else None].strip(_SPACE):
            self._drop(mark if mark >= 0 else len(held))  # text between documents
            mark = 0 if mark >= 0 else -1
        if mark < 0:
            self._at = len(held)
            return None
        self._at = mark
        for begin, end in _SPANS:
            if held.startswith(begin, mark):
                furthest = mark + MOST_OCTETS
                stop = held.find(end, mark + len(begin), furthest)
                if stop < 0 and len(held) < furthest:
                    return None
                self._at = furthest if stop < 0 else stop + len(end)  # past what has no end: looked at once only
                if stop < 0 and not self._inside and not self._doctype:
                    self._drop(self._at)  # no prolog of the next document
                return b""
            if len(held) - mark < len(begin) and begin.startswith(held[mark:]):
                return None
        if held.startswith(b"<!", mark):
            self._doctype = self._doctype or not self._inside
            self._at = mark + 2
            return b""
        return self._tag(mark)

    def _between(self) -> bool:
        """Between two documents: skip space and frames of the other protocol; tell whether there is more."""
        held = self._held
        n = min(self._skip, len(held))
        self._skip -= n
        self._drop(n)
        if not self._skip:
            self._drop(len(held) - len(held.lstrip(_SPACE)))
        if not held:
            return False
        if held[0] != TAK_MAGIC:
            self._clean = False
            return True
        length = shift = 0
        for i, octet in enumerate(held[1:5]):
            length |= (octet & 0x7F) << shift
            shift += 7
            if octet < 0x80:
                self.counts["tak_protobuf"] += 1
                self._drop(i + 2)
                self._skip = length
                return True
        self._clean = len(held) < 5  # four octets of length that do not end: no frame
        return not self._clean

    def _tag(self, mark: int) -> bytes | None:
        held = self._held
        found = _TAG.match(held, mark)
        assert found is not None
        end = found.end()
        if held[end : end + 1] != b">" and held.find(b"<", end) < 0 and len(held) - mark <= _LONGEST_TAG:
            return None
        if held[end : end + 1] != b">" or end - mark > _LONGEST_TAG:
            self._at = mark + 1  # no tag: it is broken by another, or longer than any
            return b""
        closing, alone = held[mark + 1 : mark + 2] == b"/", held[end - 1 : end] == b"/"
        self._at = end + 1
        if found[1].rpartition(b":")[2] != b"event":
            if not self._inside and not self._doctype:
                self._drop(self._at)
            return b""
        if not closing:
            if self._inside:
                self.counts["record_truncated"] += 1
                self._drop(mark)
            self._inside, self._too_long = True, False
        return self._document() if self._inside and (closing or alone) else b""

    def _document(self) -> bytes:
        document = bytes(self._held[: self._at])
        long = self._too_long or len(document) > MOST_OCTETS
        self._drop(self._at)
        self._inside = self._doctype = self._too_long = False
        self._clean = True
        self.counts["buffer_limit"] += int(long)
        return b"" if long else document
