"""What aircraft say of themselves is contradicted; and cells of the sky where satellite navigation is disturbed."""

from __future__ import annotations

from typing import Final

from vigie.watch.rule import CAUTION, WARNING, Find, Param, Rule
from vigie.watch.view import View

# Bits of IDENTITY.trust_bits that contradict, with their words.
WORDS: Final = {
    1: ("sensors that should see it do not", "des capteurs qui devraient le voir ne le voient pas"),
    2: ("other sensors see it elsewhere", "d'autres capteurs le voient ailleurs"),
    4: ("it moves as nothing can", "son mouvement est impossible"),
    8: ("its address is in use twice", "son adresse est utilisée deux fois"),
    16: ("its heights do not fit", "ses altitudes ne concordent pas"),
    128: ("the range rate that a radar measures does not fit", "la vitesse radiale mesurée par radar ne concorde pas"),
    8192: ("it repeats to the metre what it said before", "il répète au mètre près ce qu'il a dit auparavant"),
}
_CONTRADICTS: Final = sum(WORDS)


def find_contradicted(view: View) -> list[Find]:
    """Return a find for each track looked at whose statements are contradicted."""
    b = view.board
    rows = view.rows[b.trust_bits[view.rows] & _CONTRADICTS != 0]
    finds = []
    for row in rows.tolist():
        bits = int(b.trust_bits[row])
        lat, lon = view.where(row)
        en = "; ".join(words[0] for bit, words in WORDS.items() if bits & bit)
        fr = " ; ".join(words[1] for bit, words in WORDS.items() if bits & bit)
        finds.append(Find(
            rule="position_contradicted", track_no=int(b.number[row]), lat_deg=lat, lon_deg=lon,
            reason=f"{view.name(row)}: {en}", reason_fr=f"{view.name(row)} : {fr}",
        ))  # fmt: skip
    return finds


def find_cells(view: View) -> list[Find]:
    """Return a find for each cell in which satellite navigation is disturbed."""
    finds = []
    for cell in view.cells:
        percent = round(100 * cell.share)
        finds.append(Find(
            rule="gnss_interference", area=cell.name, lat_deg=cell.lat_deg, lon_deg=cell.lon_deg, at_once=True,
            reason=f"{cell.bad} of {cell.seen} aircraft ({percent} %) around {cell.name} report poor GNSS; "
            "ADS-B counts less there",
            reason_fr=f"{cell.bad} aéronefs sur {cell.seen} ({percent} %) autour de {cell.name} signalent un mauvais "
            "GNSS ; l'ADS-B y compte moins",
        ))  # fmt: skip
    return finds


RULES: Final = (
    Rule(
        name="position_contradicted", title="Statement contradicted", title_fr="Déclaration contredite",
        severity=CAUTION, find=find_contradicted, raise_s=0.0, clear_s=15.0,
        about="What a track says of itself does not fit what sensors, physics or its other statements say.",
    ),
    Rule(
        name="gnss_interference", title="GNSS interference", title_fr="Brouillage GNSS", severity=WARNING,
        find=find_cells, scope="system", raise_s=0.0, clear_s=60.0, params=(
            Param(name="share", usual=0.3, meaning="share of the aircraft in a cell with poor accuracy", high=1.0),
        ),
        about="In a cell of half a degree so many aircraft report NACp below 7 that it is no accident.",
    ),
)  # fmt: skip
