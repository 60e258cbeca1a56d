"""F93: XML with a document type or entities is refused as ``xml_dtd`` by each reader of XML, with memory flat."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from vigie.airspace.aixm import read_aixm
from vigie.airspace.aixm_changes import read_changes
from vigie.terms import xmlread
from vigie.terms.xmlread import XmlRefusedError, read_xml
from vigie.wire.cot.event import read_cot
from vigie.wire.flightplan.fixm import read_fixm

Reader = Callable[[bytes, str], tuple[tuple[Any, ...], tuple[Any, ...]]]
READERS: tuple[Reader, ...] = (read_aixm, read_changes, read_fixm, read_cot)
LAUGHS = '<!ENTITY l0 "lollollol">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
LONG = f'<!ENTITY q "{"q" * 100_000}">'
HOSTILE = {
    "a billion laughs": f"<!DOCTYPE a [{LAUGHS}]><a>&l9;</a>",
    "laughs in an attribute": f'<!DOCTYPE a [{LAUGHS}]><a x="&l9;"/>',
    "laughs in a default": f'<!DOCTYPE a [{LAUGHS}<!ATTLIST a x CDATA "&l9;">]><a/>',
    "one long entity many times": f"<!DOCTYPE a [{LONG}]><a>{'&q;' * 10_000}</a>",
    "a parameter entity": '<!DOCTYPE a [<!ENTITY % p "x"> %p; ]><a/>',
    "a file": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "another document": '<!DOCTYPE a SYSTEM "file:///dev/zero"><a/>',
    "after a comment": f"<!-- <a> --><?x y?>\n<!DOCTYPE a [{LAUGHS}]><a>&l9;</a>",
    "an empty one": "<!DOCTYPE a><a/>",
}
FLAT_OCTETS = 2_000_000
"""Above the document itself, which is 130 kB at most; a billion laughs would be 10 GB."""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("read", READERS, ids=lambda r: r.__name__)
def test_f93_a_document_type_is_refused_and_memory_stays_flat(read: Reader, kind: str, encoding: str) -> None:
    data = HOSTILE[kind].encode(encoding)
    tracemalloc.start()
    try:
        good, aside = read(data, "x")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert good == ()
    assert [getattr(one, "field") for one in aside] == ["xml_dtd"]  # noqa: B009 - of two types
    assert peak < FLAT_OCTETS


def test_f93_the_parser_that_builds_the_tree_sees_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What memory a C library takes is not seen from here: so it must not be asked at all."""

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("the document reached the parser")

    monkeypatch.setattr(xmlread.etree, "fromstring", never)
    for text in HOSTILE.values():
        with pytest.raises(XmlRefusedError, match="document type"):
            read_xml(text.encode())


def test_what_is_no_document_type_is_read() -> None:
    for text in ("<a>&lt;!DOCTYPE b&gt;</a>", "<!-- <!DOCTYPE a> --><a/>", "<a><![CDATA[<!DOCTYPE a>]]></a>"):
        assert read_xml(text.encode()).tag == "a"
    assert read_xml('<?xml version="1.0" encoding="ISO-8859-1"?><é/>'.encode("latin-1")).tag == "é"
    for text in ("", "<a>", "<a/><b/>", "<!DOCTYPE", "x", '<?xml version="1.0" encoding="none"?><a/>'):
        with pytest.raises(XmlRefusedError) as why:
            read_xml(text.encode())
        assert why.value.field == "xml"
