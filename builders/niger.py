"""Makes the simplified reference of Niger and its neighbours. NOT FOR OPERATIONS.

    python builders/niger.py COUNTRIES.topojson AIRPORTS.csv

COUNTRIES is ``countries-10m.json`` of the npm package world-atlas (Natural Earth, public domain), AIRPORTS the table of
the Python package airportsdata (MIT). The flight information region is our own drawing over these borders, the fixes
and airways are invented: none of them is a published one. The files are kept in git.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import shapely
from shapely.ops import unary_union

OUT = Path(__file__).resolve().parents[1] / "src/vigie/airspace/data"
NEIGHBOURS = {
    "562": ("NE", "Niger"), "466": ("ML", "Mali"), "854": ("BF", "Burkina Faso"), "204": ("BJ", "Bénin"),
    "566": ("NG", "Nigeria"), "148": ("TD", "Tchad"), "434": ("LY", "Libya"), "012": ("DZ", "Algeria"),
}  # fmt: skip
MARK = "NOT FOR OPERATIONS"
PLACES = {  # what the drawn region must hold, and must not
    "Niamey": (2.18, 13.48), "Agadez": (7.99, 16.97), "Ouagadougou": (-1.51, 12.35), "Gao": (-0.005, 16.25),
}  # fmt: skip
BAMAKO = (-7.95, 12.53)
FIXES = {  # invented names, drawn by us
    "VINAM": (13.48, 2.18), "VIAGA": (16.97, 7.99), "VIZIN": (13.78, 8.98), "VITAH": (14.88, 5.26),
    "VIOUA": (12.35, -1.51), "VIGAO": (16.25, -0.01), "VIARL": (18.79, 7.37), "VIDIR": (19.00, 12.88),
    "VIDIF": (13.37, 12.63), "VIGAY": (11.88, 3.45), "VIDOS": (13.05, 3.19), "VIMAR": (13.50, 7.12),
    "VINOR": (21.50, 10.50), "VINOW": (20.00, 4.20), "VISUD": (11.75, 3.60), "VIEST": (14.50, 13.40),
    "VIWES": (14.20, -3.60), "VITES": (15.00, 0.90),
}  # fmt: skip
AIRWAYS = {
    "VG1": ["VIOUA", "VITES", "VINAM", "VITAH", "VIAGA", "VIARL", "VINOR"],
    "VG2": ["VISUD", "VIGAY", "VIDOS", "VINAM", "VITES", "VIGAO"],
    "VG3": ["VINAM", "VIDOS", "VIMAR", "VIZIN", "VIDIF", "VIEST"],
    "VG4": ["VIGAO", "VINOW", "VIARL", "VIDIR"],
}


def countries(path: Path) -> dict[str, shapely.Geometry]:
    """Return the polygons of the neighbours out of a TopoJSON file (arcs of quantised steps)."""
    topo = json.loads(path.read_text("utf-8"))
    (sx, sy), (tx, ty) = topo["transform"]["scale"], topo["transform"]["translate"]
    arcs = []
    for arc in topo["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        arcs.append(points)

    def ring(numbers: list[int]) -> list[tuple[float, float]]:
        points: list[tuple[float, float]] = []
        for n in numbers:
            part = arcs[n] if n >= 0 else arcs[~n][::-1]
            points += part[1:] if points else part
        return points

    found = {}
    for shape in topo["objects"]["countries"]["geometries"]:
        if shape.get("id") in NEIGHBOURS:
            polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
            found[shape["id"]] = unary_union([shapely.Polygon(ring(p[0]), [ring(h) for h in p[1:]]) for p in polygons])
    return found


def main() -> int:
    """Write areas.geojson, aerodromes.csv, waypoints.csv and airways.csv."""
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    OUT.mkdir(parents=True, exist_ok=True)
    lands = countries(Path(sys.argv[1]))
    features = [
        _feature(f"BORDER-{NEIGHBOURS[n][0]}", f"{NEIGHBOURS[n][1]} (border, simplified)", "BORDER",
                 shapely.simplify(lands[n], 0.01))
        for n in NEIGHBOURS
    ]  # fmt: skip
    east_mali = lands["466"].intersection(shapely.box(-3.0, 10.0, 5.0, 20.5))
    region = unary_union([lands["562"], lands["854"], east_mali]).buffer(0.02)
    region = shapely.Polygon(shapely.simplify(region, 0.12).exterior)
    assert all(region.contains(shapely.Point(p)) for p in PLACES.values())
    assert not region.contains(shapely.Point(BAMAKO))
    features.append(_feature("VIGIE-NIAMEY-FIR", "Niamey FIR (simplified)", "FIR", region))
    tree = {"type": "FeatureCollection", "note": f"{MARK}. Made by builders/niger.py.", "features": features}
    (OUT / "areas.geojson").write_text(json.dumps(tree, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
    states = {two for two, _ in NEIGHBOURS.values()}
    with Path(sys.argv[2]).open(encoding="utf-8", newline="") as file:
        rows = [
            r for r in csv.DictReader(file) if r["country"] in states and r["icao"][:2] in _ICAO and len(r["icao"]) == 4
        ]
    lines = [
        f"# {MARK}. Made by builders/niger.py from airportsdata (MIT).",
        "icao,name,lat_deg,lon_deg,elevation_ft,state",
    ]
    for r in sorted(rows, key=lambda r: r["icao"]):
        name = r["name"].replace(",", " ")
        lines.append(
            f"{r['icao']},{name},{float(r['lat']):.5f},{float(r['lon']):.5f},{float(r['elevation']):.0f},{r['country']}"
        )
    (OUT / "aerodromes.csv").write_text("\n".join(lines) + "\n", "utf-8")
    lines = [f"# {MARK}. Invented by builders/niger.py.", "name,lat_deg,lon_deg"]
    lines += [f"{name},{lat},{lon}" for name, (lat, lon) in sorted(FIXES.items())]
    (OUT / "waypoints.csv").write_text("\n".join(lines) + "\n", "utf-8")
    lines = [f"# {MARK}. Invented by builders/niger.py.", "airway,sequence,name,lat_deg,lon_deg"]
    for airway, names in AIRWAYS.items():
        lines += [f"{airway},{i},{n},{FIXES[n][0]},{FIXES[n][1]}" for i, n in enumerate(names, 1)]
    (OUT / "airways.csv").write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{len(features)} areas, {len(rows)} aerodromes, {len(FIXES)} waypoints, {len(AIRWAYS)} airways")
    return 0


_ICAO = {"DR", "GA", "DF", "DB", "DN", "FT", "HL", "DA", "DI"}


def _feature(name: str, title: str, kind: str, shape: Any) -> dict[str, Any]:
    geometry = json.loads(shapely.to_geojson(shapely.set_precision(shape, 0.0001)))
    said = {"id": name, "name": title, "kind": kind, "floor": "SFC", "ceiling": "UNL", "remarks": MARK}
    return {"type": "Feature", "id": name, "properties": said, "geometry": geometry}


if __name__ == "__main__":
    sys.exit(main())
