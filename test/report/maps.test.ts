import { describe, expect, it } from "vitest";
import { contourSegments, mapFigure } from "../../src/report/figures/maps.js";

describe("contours", () => {
  it("lie where a plane has the level, whole from edge to edge", () => {
    const x = [0, 1, 2, 3];
    const y = [0, 1, 2];
    const segments = contourSegments(
      x,
      y,
      y.map((b) => x.map((a) => 2 * a + b)),
      2.5,
    );
    for (const { x1, y1, x2, y2 } of segments) {
      expect(2 * x1 + y1).toBeCloseTo(2.5, 12);
      expect(2 * x2 + y2).toBeCloseTo(2.5, 12);
    }
    // From (1.25, 0) to (0.25, 2)
    const length = segments.reduce((sum, { x1, y1, x2, y2 }) => sum + Math.hypot(x2 - x1, y2 - y1), 0);
    expect(length).toBeCloseTo(Math.hypot(1, 2), 12);
  });

  it("keep the two high corners of a saddle apart or join them, as the mean of the four says", () => {
    const square = (high: number) =>
      contourSegments(
        [0, 1],
        [0, 1],
        [
          [high, 0],
          [0, high],
        ],
        1,
      ).map(({ x1, y1, x2, y2 }) => [x1 + x2, y1 + y2].map((sum) => (sum < 1 ? "low" : "high")).join());
    // Mean 0.75: around the high corners (0, 0) and (1, 1); mean 2: around the other two
    expect(square(1.5).sort()).toEqual(["high,high", "low,low"]);
    expect(square(4).sort()).toEqual(["high,low", "low,high"]);
  });

  it("stop where a value is missing", () => {
    const values = [
      [0, 2, null],
      [0, 2, 4],
    ];
    expect(contourSegments([0, 1, 2], [0, 1], values, 1)).toHaveLength(1);
    expect(contourSegments([0, 1, 2], [0, 1], values, 3)).toEqual([]);
  });
});

it("a map says where its contour is not, and shows every known value", async () => {
  const figure = {
    title: "t",
    x: { label: "x", values: [1, 2] },
    y: { label: "y", values: [1, 10] },
    values: [
      [11, 22],
      [null, 44],
    ],
    marks: [{ x: 1.5, y: 3, label: "here" }],
  };
  const beyond = await mapFigure({ ...figure, contours: [{ value: 99, label: "99 %" }] });
  expect(beyond).toContain("99 %: not on this map");
  for (const text of [">11<", ">22<", ">44<", ">here<"]) expect(beyond).toContain(text);
  expect(beyond).not.toMatch(/NaN|undefined|null/);
  const within = await mapFigure({
    ...figure,
    values: [
      [11, 22],
      [33, 44],
    ],
    contours: [{ value: 20, label: "20 %" }],
  });
  expect(within).not.toContain("not on this map");
});
