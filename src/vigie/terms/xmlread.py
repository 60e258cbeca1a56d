"""XML from outside: one way in, for every reader. No document type, no entity of its own, no network, no surprise.

A document type declaration is refused before the parser that builds the tree sees an octet, so that what its entities
would grow to, inside text or attributes, does not depend on the limits of a library's version.
Source: OWASP XML external entity prevention; CWE-776 (entity expansion), CWE-611 (external entities).
"""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from lxml import etree

from vigie.terms.errors import WireError


class XmlRefusedError(WireError):
    """XML that is not read: ``field`` is ``xml`` (not well-formed) or ``xml_dtd``, ``line`` where."""

    def __init__(self, field: str, reason: str, line: int = 1) -> None:
        super().__init__(reason)
        self.field = field
        self.line = line


class _Enough(Exception):  # noqa: N818 - it is no error: the root element was reached
    pass


def read_xml(data: bytes) -> Any:
    """Return the root element of an XML document.

    Raises
    ------
    XmlRefusedError
        When it is not well-formed, or has a document type declaration.
    """
    if _has_dtd(data):
        raise XmlRefusedError("xml_dtd", "has a document type declaration, which is refused")
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as why:
        line = getattr(why, "lineno", 1) or 1
        raise XmlRefusedError("xml", f"is not well-formed: {str(why)[:200]}", line) from why
    if root.getroottree().docinfo.doctype:  # in an encoding that only the second parser knows
        raise XmlRefusedError("xml_dtd", "has a document type declaration, which is refused")
    return root


def _has_dtd(data: bytes) -> bool:
    """Read up to the root element only; what is wrong with it is for the parser to say."""
    found = False
    parser = expat.ParserCreate()

    def declared(*_: object) -> None:
        nonlocal found
        found = True
        raise _Enough

    def root(*_: object) -> None:
        raise _Enough

    parser.StartDoctypeDeclHandler = declared
    parser.StartElementHandler = root
    try:
        parser.Parse(data, True)
    except (_Enough, expat.ExpatError, ValueError, LookupError):
        return found
    return found
