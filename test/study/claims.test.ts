import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { savedShare } from "../../src/papers/bitsToReach.js";
import { chanceOf, gainClaim, type MeasuredClaim } from "../../src/papers/claims.js";
import { judge, leastSamples, sentenceOf, type Verdict, verdictWords } from "../../src/papers/verdicts.js";
import { resolveConfig } from "../../src/parts/resolve.js";
import { studentInterval } from "../../src/study/analysis/intervals.js";
import { lateAccuracy } from "../../src/study/analysis/outcomes.js";
import type { RunSummary } from "../../src/study/store/columns.js";

const upTo = { bound: "up to", value: 7 } as const;
const atLeast = { bound: "at least", value: 49 } as const;
const better = { bound: "better", value: 0 } as const;

/** A claim with a mean and a standard error over so many seeds. */
function claim(
  mean: number,
  standardError: number,
  more: Partial<MeasuredClaim> = {},
  count: number = leastSamples,
): MeasuredClaim {
  return {
    source: "[P]",
    statement: "this beats that",
    form: "fair",
    where: "here",
    unit: "points",
    published: upTo,
    family: "primary",
    evidence: "confirmatory",
    samples: `${count} seeds × 5 drops`,
    ours: studentInterval(mean, count, count === 1 ? null : standardError),
    late: null,
    bootstrap: null,
    reach: null,
    ...more,
  };
}

const verdict = (...args: Parameters<typeof claim>): Verdict => judge([claim(...args)])[0]!.verdict;

describe("a verdict", () => {
  // t(0.975) with 14 degrees of freedom is 2.145: a standard error of 1 is an interval of ±2.145.
  it("of “up to” never says that the published figure is not reached", () => {
    expect(verdict(10, 1)).toBe("reached");
    expect(verdict(7, 1)).toBe("consistent");
    expect(verdict(3, 1)).toBe("better");
    expect(verdict(7, 2)).toBe("better"); // it holds 7 and is wider than 7
    expect(verdict(1, 1)).toBe("undecided");
    expect(verdict(-5, 1)).toBe("opposite");
  });

  it("of “at least” and “better” may confirm and contradict", () => {
    expect(verdict(60, 1, { published: atLeast })).toBe("confirmed");
    expect(verdict(50, 1, { published: atLeast })).toBe("consistent");
    expect(verdict(50, 20, { published: atLeast })).toBe("undecided");
    expect(verdict(40, 1, { published: atLeast })).toBe("less");
    expect(verdict(-9, 1, { published: atLeast })).toBe("contradicted");
    expect(verdict(3, 1, { published: better })).toBe("confirmed");
    expect(verdict(-3, 1, { published: better })).toBe("contradicted");
    expect(verdict(1, 1, { published: better })).toBe("undecided");
  });

  it("is none where the published gain cannot be reached, where there is one seed, and where nothing was measured", () => {
    expect(verdict(5, 1, { reach: 6.9 })).toBe("unreachable");
    expect(verdict(3, 1, { reach: 7 })).toBe("better");
    expect(verdict(3, 1, { published: better, reach: 1 })).toBe("confirmed");
    expect(verdict(5, 0, {}, 1)).toBe("single");
    expect(verdict(5, 1, { ours: null })).toBe("unmeasured");
  });

  it("is exploratory where that was declared, and with fewer seeds than planned", () => {
    expect(verdict(30, 1, { evidence: "exploratory" })).toBe("suggested");
    expect(verdict(-30, 1, { evidence: "exploratory" })).toBe("suggested opposite");
    expect(verdict(1, 1, {}, 3)).toBe("unclear");
    expect(verdict(30, 1, {}, leastSamples - 1)).toBe("suggested");
    expect(judge([claim(30, 1, {}, 3)])[0]!.adjusted).toBeNull();
  });

  it("is adjusted for its own family, and for no other", () => {
    // p = 0.026 by itself, 2 degrees below 5 %; with seven others that see nothing it is 0.21.
    const one = claim(2.5, 1, { published: better });
    const others = Array.from({ length: 7 }, () => claim(0.1, 1, { published: better }));
    expect(judge([one, ...others.map((other) => ({ ...other, family: "secondary" as const }))])[0]!.verdict).toBe(
      "confirmed",
    );
    const [adjusted] = judge([one, ...others]);
    expect(adjusted!.verdict).toBe("undecided");
    expect(adjusted!.adjusted!.p).toBeCloseTo(8 * judge([one])[0]!.adjusted!.p!, 12);
    expect(adjusted!.adjusted!.low).toBeLessThan(0);
    // What is exploratory takes no part.
    expect(judge([one, ...others.map((other) => ({ ...other, evidence: "exploratory" as const }))])[0]!.verdict).toBe(
      "confirmed",
    );
  });
});

describe("a sentence", () => {
  it("says what the verdict says and no more, whatever is measured", () => {
    /** Words that only these verdicts may use. */
    const strong: Record<string, readonly Verdict[]> = {
      Confirmed: ["confirmed"],
      Consistent: ["consistent"],
      Contradicted: ["contradicted"],
      Reached: ["reached"],
    };
    const bounds = fc.constantFrom<MeasuredClaim["published"]>(upTo, atLeast, better);
    fc.assert(
      fc.property(
        fc.double({ min: -80, max: 80, noNaN: true }),
        fc.double({ min: 1e-3, max: 30, noNaN: true }),
        fc.integer({ min: 1, max: 20 }),
        bounds,
        fc.boolean(),
        (mean, error, count, published, exploratory) => {
          const evidence = exploratory ? "exploratory" : "confirmatory";
          const [judged] = judge([claim(mean, error, { published, evidence }, count)]);
          const text = sentenceOf(judged!);
          for (const [word, allowed] of Object.entries(strong)) {
            expect(text.includes(word)).toBe(allowed.includes(judged!.verdict));
          }
          expect(text).toMatch(/^\[P\], fair, here: this beats that\. Ours: .*\.$/);
          expect(text.includes("[", 5)).toBe(count > 1);
          if (count < leastSamples || exploratory) expect(judged!.adjusted).toBeNull();
          expect(verdictWords[judged!.verdict]).not.toBe("");
        },
      ),
    );
  });

  it("names the interval it rests on and the claims it stands with", () => {
    // Two of a family: of the lesser Holm asks p < 5 %, the interval of 1 − 5 %/2 holds 0 and is cut there.
    for (const [value, published, side] of [
      [2.3, better, "the adjusted interval ends at 0"],
      [-2.3, better, "the adjusted interval ends at 0"],
      [51.3, atLeast, "the adjusted interval ends at 49 points"],
    ] as const) {
      const [, cut] = judge([claim(90, 1, { published }), claim(value, 1, { published })]);
      expect(sentenceOf(cut!)).toContain(`Holm's test sees the difference, and ${side}`);
    }
    expect(sentenceOf(judge([claim(3, 1)])[0]!)).toBe(
      "[P], fair, here: this beats that. Ours: +3.0 points [0.9, 5.1] together with the primary claims, p = 0.0096. " +
        "Better here. Whether 7 points is reached at other settings is not said by a mean at one.",
    );
    expect(sentenceOf(judge([claim(3, 1, { reach: 5.04 })])[0]!)).toContain(
      "No verdict: a gain of 7 points is out of reach where the accuracy lies 5.0 points above chance.",
    );
    expect(sentenceOf(judge([claim(3, 1, { evidence: "exploratory" }, 3)])[0]!)).toContain(
      "Ours: +3.0 points [-1.3, 7.3]. Exploratory (3 seeds × 5 drops): the interval holds 0; it settles nothing.",
    );
    expect(sentenceOf(judge([claim(3, 1, {}, 1)])[0]!)).toContain("One sample has no interval");
  });
});

const run = (accuracy: (number | null)[], nominalBits: number[]) =>
  ({ course: { accuracy, nominalBits }, final: { accuracy: accuracy.at(-1) } }) as unknown as RunSummary;

describe("what is measured", () => {
  it("the late outcome is the mean of the last five tested models, the untrained one apart", () => {
    expect(lateAccuracy.measure(run([0.1, 0.2, null, 0.3, 0.4, 0.5, 0.6, 0.7], []))).toBeCloseTo(0.5, 12);
    expect(lateAccuracy.measure(run([0.1, 0.3, 0.5], []))).toBeCloseTo(0.4, 12);
    expect(lateAccuracy.measure(run([0.1], []))).toBe(0.1);
    expect(lateAccuracy.measure(run([null], []))).toBeNull();
  });

  it("bits on the way to an accuracy treat both sides alike", () => {
    const fine = run([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], [0, 10, 20, 30, 40, 50, 60]);
    const coarse = run([0.1, 0.15, 0.25, 0.9, 0.3, 0.35, 0.35], [0, 1, 2, 3, 4, 5, 6]);
    // Means of five come to 0.5 and to 0.43; coarse has 0.433 after its lucky third model and so has 3 bits;
    // fine has 0.4 after six rounds' fifth and 0.5 after the sixth.
    expect(savedShare(coarse, fine)).toBeCloseTo(1 - 3 / 60, 12);
    // The other way round the same two amounts are compared: 1 − 60/3.
    expect(savedShare(fine, coarse)).toBeCloseTo(1 - 60 / 3, 12);
    expect(savedShare(fine, fine)).toBe(0);
    expect(savedShare(fine, run([0.1], [0]))).toBeNull();
  });

  it("a gain over drops has Student's interval by what each pair does to it", () => {
    const worse = [10, 12, 9, 11];
    const about = { source: "[O]", statement: "s", form: "fair", where: "w", published: upTo } as const;
    const { ours, bootstrap } = gainClaim(about, { better: worse.map((value) => 1.5 * value), worse }, "4 drops");
    expect(ours).toMatchObject({ count: 4, degrees: 3 });
    expect(ours!.mean).toBeCloseTo(50, 10);
    // All pairs have the same ratio: nothing varies.
    expect(ours!.standardError).toBeCloseTo(0, 10);
    expect(bootstrap!.low).toBeCloseTo(50, 10);
    // R: f <- function(i) sum(a[i])/sum(b[i]) - 1; the delta method's error is sd(a - r b)/mean(b)/2 = 0.0796…
    const noisy = gainClaim(about, { better: [12, 20, 10, 15], worse }, "4 drops").ours!;
    expect(noisy.mean).toBeCloseTo(100 * (57 / 42 - 1), 10);
    const residuals = [12, 20, 10, 15].map((value, i) => value - (57 / 42) * worse[i]!);
    const deviation = Math.sqrt(residuals.reduce((sum, one) => sum + one * one, 0) / 3);
    expect(noisy.standardError).toBeCloseTo((100 * deviation) / 10.5 / 2, 10);
    expect(gainClaim(about, { better: [1, 2], worse: [0, 0] }, "2 drops").ours).toBeNull();
  });

  it("knows what guessing gives", () => {
    const of = (...sets: string[]) => chanceOf(resolveConfig({ preset: "quick", sets }));
    expect([of(), of("data.name=cifar100"), of("data.name=regression", "model=mlp")]).toEqual([0.1, 0.01, null]);
  });
});
