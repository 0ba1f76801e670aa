import assert from "node:assert/strict";
import { test } from "node:test";
import type { RowTarget, RuleRow } from "../../lib/api/types.ts";
import {
  driftPlace,
  filterStates,
  foundWords,
  gitBehind,
  listing,
  neighbour,
  pageRange,
  totalOf,
  wantedSplit,
} from "./model.ts";

function target(kind: RowTarget["kind"], changes: Partial<RowTarget> = {}): RowTarget {
  return { kind, state: "confirmed", error: null, proof: null, drift: null, ...changes };
}

const drift = { summary: "weights differ", author: null, at: "2026-01-01T00:00:00Z" };

test("filters are the states that occur, the pressing ones first", () => {
  assert.deepEqual(filterStates({ live: 5, failed: 1, draft: 0 }, null), ["failed", "live"]);
});

test("the chosen filter stays in reach when nothing matches it any more", () => {
  assert.deepEqual(filterStates({ live: 5 }, "drift"), ["drift", "live"]);
});

test("all rules are the sum over the states", () => {
  assert.equal(totalOf({ live: 5, drift: 2 }), 7);
  assert.equal(totalOf({}), 0);
});

test("the mesh should show what was deployed, not what is being drafted", () => {
  const live = [{ name: "v1", weight: 100 }];
  const draft = [{ name: "v1", weight: 50 }];
  assert.equal(wantedSplit({ versions: draft, liveVersions: live }), live);
  assert.equal(wantedSplit({ versions: draft, liveVersions: null }), draft);
});

test("drift is named with the place where it is", () => {
  const row = { serviceName: "search", targets: [target("git"), target("envoy", { drift })] };
  assert.equal(driftPlace(row), "search (mesh)");
  const both = [target("git", { drift }), target("cluster", { drift })];
  assert.equal(driftPlace({ ...row, targets: both }), "search (Git, cluster)");
});

test("what was found around is counted, and its namespaces are named once", () => {
  const services = ["shop", "bank", "shop"].map((namespace) => ({ namespace }));
  assert.equal(foundWords(services), "3 services were found in bank, shop.");
  assert.equal(foundWords([{ namespace: "shop" }]), "1 service was found in shop.");
  assert.match(foundWords([]), /^No service was found/);
});

test("Git behind is told only where the mesh is right already", () => {
  const targets = [target("git", { state: "waiting", error: "refused" }), target("envoy")];
  const row = (state: RuleRow["state"]) => ({ state, targets });
  assert.equal(gitBehind(row("live"))?.error, "refused");
  assert.equal(gitBehind(row("deploying")), null);
});

test("the second page of 25 begins at 26", () => {
  assert.deepEqual(pageRange(2, 10), { first: 26, last: 35 });
});

test("moving through the list stops at its ends and starts at the nearer one", () => {
  const rows = ["a", "b", "c"];
  assert.equal(neighbour(rows, null, 1), "a");
  assert.equal(neighbour(rows, null, -1), "c");
  assert.equal(neighbour(rows, "a", -1), "a");
  assert.equal(neighbour(rows, "b", 1), "c");
  assert.equal(neighbour([], null, 1), undefined);
});

test("an empty page says whether there is nothing or only nothing that matches", () => {
  const all = { search: "", namespace: null };
  assert.equal(listing({ items: [], counts: {} }, all), "no-rules");
  assert.equal(listing({ items: [], counts: { live: 3 } }, all), "no-match");
  assert.equal(listing({ items: [], counts: {} }, { search: "x", namespace: null }), "no-match");
  assert.equal(listing({ items: [{}], counts: { live: 1 } }, all), "rows");
});
