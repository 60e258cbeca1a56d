"""Captures: pcap and pcapng, octets <-> packets.

In: the octets of a capture, in pieces of any size. Out: PACKET rows (capture time, addresses, ports, protocol, place of
the payload) with UDP payloads and TCP streams put back in order; every packet that brings none is counted by reason.
Also the other way: datagrams and TCP conversations written as a capture that other tools open.
Never: a file, a socket, a clock, an opinion on what the payload means.
Begin reading at ``reader.CaptureReader``; ``records`` walks the file, ``dissect`` the packet, ``streams`` TCP.
"""

from vigie.wire.pcap.layout import PACKET, TCP, UDP
from vigie.wire.pcap.reader import CaptureReader, Packets, capture_kind
from vigie.wire.pcap.writer import Datagram, TcpConversation, pcap_head, pcap_record, udp_record, write_pcap

__all__ = [
    "PACKET",
    "TCP",
    "UDP",
    "CaptureReader",
    "Datagram",
    "Packets",
    "TcpConversation",
    "capture_kind",
    "pcap_head",
    "pcap_record",
    "udp_record",
    "write_pcap",
]
