import { describe, expect, it } from "vitest";
import { areaValue, markValue } from "../src/tools/forms";

describe("a drawn form", () => {
  it("becomes an area with the keys of a site file, latitude first, and only where it encloses something", () => {
    const circle = markValue("circle", [[2, 13], [2, 14]], "x");
    expect(areaValue(circle, "R", "", " FL195 ")).toEqual({ kind: "R", lat_deg: 13, lon_deg: 2, radius_m: circle.radius_m, ceiling: "FL195" });
    expect(areaValue(markValue("corridor", [[2, 13], [3, 14]], "x", 4000), "D", "500 FT AGL", "")).toEqual({
      kind: "D", centreline_deg: [[13, 2], [14, 3]], width_m: 8000, floor: "500 FT AGL",
    });
    expect(areaValue(markValue("polygon", [[2, 13], [3, 14], [4, 13]], "x"), "P", "", "")).toEqual({
      kind: "P", outline_deg: [[13, 2], [14, 3], [13, 4]],
    });
    expect(areaValue(markValue("line", [[2, 13], [3, 14]], "x"), "P", "", "")).toBeNull();
  });
});
