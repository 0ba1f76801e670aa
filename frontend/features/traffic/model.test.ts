import assert from "node:assert/strict";
import { test } from "node:test";
import type { RuleMetrics, VersionMetrics } from "../../lib/api/types.ts";
import {
  boundaries,
  isQuiet,
  liveVersions,
  observedShares,
  sparkPath,
  starts,
  worstErrors,
} from "./model.ts";

function version(name: string, seen: Partial<VersionMetrics>): VersionMetrics {
  const silent = { share: null, rate: null, errorRate: null, retriedRate: null, requests: 0 };
  return { name, p50Ms: null, p95Ms: null, p99Ms: null, ...silent, ...seen };
}

function sample(...versions: VersionMetrics[]): RuleMetrics {
  return { windowS: 30, rate: 1, noDataSince: null, reason: null, series: [], versions };
}

const wanted = [
  { name: "v1", weight: 80 },
  { name: "v2", weight: 20 },
];

test("each share begins where the one before ends", () => {
  assert.deepEqual(starts([50, 30, 20]), [0, 50, 80]);
});

test("the ends of a bar are no boundary", () => {
  assert.deepEqual(boundaries([100, 0]), []);
  assert.deepEqual(boundaries([0, 40, 60]), [40]);
  assert.deepEqual(boundaries([30, 0, 70]), [30]);
});

test("a version nobody asked counts as zero beside one that was asked", () => {
  const seen = liveVersions(wanted, sample(version("v1", { share: 100 })));
  assert.deepEqual(observedShares(seen), [100, 0]);
});

test("without any traffic no share is claimed", () => {
  const silent = sample(version("v1", {}), version("v2", {}));
  assert.equal(observedShares(liveVersions(wanted, silent)), null);
  assert.equal(observedShares(liveVersions(wanted, null)), null);
});

test("the worst version is the one with the most errors, zero included", () => {
  const v1 = version("v1", { errorRate: 0 });
  assert.deepEqual(worstErrors(sample(v1)), { name: "v1", errorRate: 0 });
  const both = sample(v1, version("v2", { errorRate: 3 }), version("v3", {}));
  assert.deepEqual(worstErrors(both), { name: "v2", errorRate: 3 });
  assert.equal(worstErrors(null), null);
});

test("a gap in the data is a gap in the line", () => {
  const { line, area } = sparkPath([1, 2, null, 2, 1], 40, 20);
  assert.equal(line.match(/M/g)?.length, 2);
  assert.equal(area.match(/Z/g)?.length, 2);
});

test("a rule is quiet when nothing was asked for in the whole minute", () => {
  assert.ok(isQuiet({ ...sample(), series: [null, 0, 0] }));
  assert.ok(!isQuiet({ ...sample(), series: [0, 3, 0] }));
});

test("no data is no line", () => {
  assert.deepEqual(sparkPath([null, null], 40, 20), { line: "", area: "" });
});

test("a minute without requests lies flat at the foot", () => {
  assert.equal(sparkPath([0, 0], 40, 20).line, "M0.0 19.0L40.0 19.0");
});
