import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apportion,
  evenly,
  hundredths,
  MOST_VERSIONS,
  type Weighted,
  WHOLE,
  without,
  withWeight,
} from "./split.ts";

const SEQUENCES = 5_000;
const STEPS = 12;

function versions(...weights: number[]): Weighted[] {
  return weights.map((weight) => ({ weight, locked: false }));
}

function weightsOf(split: readonly Weighted[]): number[] {
  return split.map(({ weight }) => weight);
}

/** Random numbers that are the same in every run (mulberry32). */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function anyStep(split: readonly Weighted[], random: (below: number) => number) {
  const at = random(split.length);
  switch (random(5)) {
    case 0:
      return evenly(split);
    case 1:
      return split.length > 1 ? without(split, at) : split;
    case 2:
      return split.length < MOST_VERSIONS ? [...split, { weight: 0, locked: false }] : split;
    case 3:
      return split.map((version, i) =>
        i === at ? { ...version, locked: !version.locked } : version,
      );
    default:
      return withWeight(split, at, random(WHOLE + 1));
  }
}

function assertWhole(split: readonly Weighted[]) {
  const weights = weightsOf(split);
  assert.equal(
    weights.reduce((total, weight) => total + weight, 0),
    WHOLE,
  );
  assert.ok(weights.every((weight) => Number.isInteger(weight) && weight >= 0));
}

test("whatever is done to a split, it stays whole", () => {
  for (let seed = 1; seed <= SEQUENCES; seed++) {
    const random = seeded(seed);
    let split: readonly Weighted[] = versions(8000, 2000);
    for (let step = 0; step < STEPS; step++) {
      split = anyStep(split, random);
      assertWhole(split);
    }
  }
});

test("moving one version never touches a locked one", () => {
  for (let seed = 1; seed <= SEQUENCES; seed++) {
    const random = seeded(seed);
    const before = evenly(
      Array.from({ length: 2 + random(8) }, () => ({ weight: 0, locked: false })),
    );
    const locked = before.map((version) => ({ ...version, locked: random(3) === 0 }));
    const moved = random(locked.length);
    const after = withWeight(locked, moved, random(WHOLE + 1));
    locked.forEach((version, at) => {
      if (version.locked && at !== moved) assert.equal(after[at]?.weight, version.weight);
    });
  }
});

test("the rest is spread in proportion", () => {
  assert.deepEqual(weightsOf(withWeight(versions(5000, 3000, 2000), 0, 0)), [0, 6000, 4000]);
});

test("what is left over goes to the largest remainder and not to the last row", () => {
  assert.deepEqual(apportion(100, [1, 1, 1]), [34, 33, 33]);
  assert.deepEqual(apportion(10, [5, 26, 69]), [0, 3, 7]);
});

test("from nothing, the rest is spread evenly", () => {
  assert.deepEqual(weightsOf(withWeight(versions(10_000, 0, 0), 0, 4000)), [4000, 3000, 3000]);
});

test("a version cannot take what others have locked", () => {
  const split = [
    { weight: 6000, locked: true },
    { weight: 3000, locked: false },
    { weight: 1000, locked: false },
  ];
  assert.deepEqual(weightsOf(withWeight(split, 1, 9000)), [6000, 4000, 0]);
});

test("the only free version cannot move", () => {
  const split = [
    { weight: 6000, locked: true },
    { weight: 4000, locked: false },
  ];
  assert.deepEqual(withWeight(split, 1, 100), split);
});

test("even leaves locked versions alone", () => {
  const split = [
    { weight: 5000, locked: true },
    { weight: 4999, locked: false },
    { weight: 1, locked: false },
  ];
  assert.deepEqual(weightsOf(evenly(split)), [5000, 2500, 2500]);
});

test("the share of a removed version goes to locked ones only where nobody else is left", () => {
  const split = [
    { weight: 5000, locked: true },
    { weight: 3000, locked: true },
    { weight: 2000, locked: false },
  ];
  assert.deepEqual(weightsOf(without(split, 2)), [6250, 3750]);
  assert.deepEqual(weightsOf(without(split, 0)), [3000, 7000]);
});

test("typed percentages are exact to a hundredth", () => {
  assert.equal(hundredths("33.33"), 3333);
  assert.equal(hundredths(" 12,5 % "), 1250);
  assert.equal(hundredths("0.29"), 29);
  assert.equal(hundredths(""), null);
  assert.equal(hundredths("101"), null);
  assert.equal(hundredths("-1"), null);
  assert.equal(hundredths("lots"), null);
});
