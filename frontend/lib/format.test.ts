import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, counted, duration, observedPercent, percent, rate, splitText } from "./format.ts";

const noon = Date.parse("2026-01-01T12:00:00Z");

test("a weight is shown as exactly as it was set", () => {
  assert.equal(percent(33.33), "33.33%");
  assert.equal(percent(80), "80%");
  assert.equal(percent(null), "–");
});

test("an observed share keeps its width, but for the whole", () => {
  assert.equal(observedPercent(79.68), "79.7%");
  assert.equal(observedPercent(5), "5.0%");
  assert.equal(observedPercent(100), "100%");
  assert.equal(observedPercent(null), "–");
});

test("small rates keep a decimal", () => {
  assert.equal(rate(0.42), "0.4 req/s");
  assert.equal(rate(1531.4), "1,531 req/s");
  assert.equal(rate(null), "–");
});

test("durations have the unit that fits", () => {
  assert.equal(duration(120.4), "120 ms");
  assert.equal(duration(1234), "1.2 s");
  assert.equal(duration(180_000), "3 min");
});

test("ages are told in the largest whole unit", () => {
  assert.equal(ago("2026-01-01T11:59:30Z", noon), "just now");
  assert.equal(ago("2026-01-01T11:48:00Z", noon), "12 min ago");
  assert.equal(ago("2026-01-01T09:00:00Z", noon), "3 h ago");
  assert.equal(ago("2025-12-29T12:00:00Z", noon), "3 d ago");
});

test("a clock that is ahead of ours makes nothing happen in the future", () => {
  assert.equal(ago("2026-01-01T12:00:09Z", noon), "just now");
});

test("one is singular", () => {
  assert.equal(counted(1, "rule"), "1 rule");
  assert.equal(counted(0, "rule"), "0 rules");
  assert.equal(counted(2, "entry", "entries"), "2 entries");
});

test("a split reads as a sentence", () => {
  const shares = [
    { name: "v1", weight: 66.67 },
    { name: "v2", weight: 33.33 },
  ];
  assert.equal(splitText(shares), "v1 66.67%, v2 33.33%");
});
