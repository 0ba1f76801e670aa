import assert from "node:assert/strict";
import { test } from "node:test";
import type { Revision } from "../../lib/api/types.ts";
import { NO_POLICIES } from "../editor/model.ts";
import { rollbackTarget, shortCommit } from "./model.ts";

type State = NonNullable<Revision["operation"]>["state"];
type Changes = Partial<Revision> & { weight?: number; state?: State };

/** A revision whose weight is its generation, unless told otherwise. */
function revision(generation: number, changes: Changes = {}): Revision {
  const { weight = generation, state = "effective", ...rest } = changes;
  return {
    generation,
    intent: {
      namespace: "default",
      serviceName: "cart",
      hosts: [],
      gateways: ["mesh"],
      ruleType: "WEIGHTED",
      versions: [{ name: "v1", weight, labels: {} }],
      cohorts: [],
      mirror: null,
      policies: NO_POLICIES,
    },
    author: "alice",
    reason: null,
    origin: null,
    createdAt: "2026-01-01T00:00:00Z",
    commit: null,
    operation: { id: `op${generation}`, kind: "deploy", state, outcome: null },
    current: false,
    summary: "",
    ...rest,
  };
}

test("rolling back leads to the newest picture before", () => {
  const revisions = [revision(3, { current: true }), revision(2), revision(1)];
  assert.equal(rollbackTarget(revisions)?.generation, 2);
});

test("a picture that never took effect is no place to go back to", () => {
  const revisions = [revision(3, { current: true }), revision(2, { state: "failed" }), revision(1)];
  assert.equal(rollbackTarget(revisions)?.generation, 1);
});

test("applied without proof is good enough to go back to", () => {
  const unproven = revision(1, { state: "applied-not-proven" });
  assert.equal(rollbackTarget([revision(2, { current: true }), unproven])?.generation, 1);
});

test("a picture like the current one is skipped", () => {
  const revisions = [revision(3, { current: true }), revision(2, { weight: 3 }), revision(1)];
  assert.equal(rollbackTarget(revisions)?.generation, 1);
});

test("rolling back twice goes two back", () => {
  const back = revision(4, { current: true, origin: 2, weight: 2 });
  const revisions = [back, revision(3), revision(2), revision(1)];
  assert.equal(rollbackTarget(revisions)?.generation, 1);
});

test("rolling back after two rollbacks starts from where the first of them began", () => {
  const second = revision(6, { current: true, origin: 4, weight: 2 });
  const first = revision(4, { origin: 2, weight: 2 });
  const revisions = [second, revision(5), first, revision(3), revision(2), revision(1)];
  assert.equal(rollbackTarget(revisions)?.generation, 1);
});

test("an origin that is not loaded still bounds the search", () => {
  const back = revision(9, { current: true, origin: 2, weight: 2 });
  assert.equal(rollbackTarget([back, revision(8), revision(1)])?.generation, 1);
});

test("with nothing before there is nothing to go back to", () => {
  assert.equal(rollbackTarget([revision(1, { current: true })]), null);
  assert.equal(rollbackTarget([]), null);
});

test("a commit is shown by its first seven digits", () => {
  assert.equal(shortCommit("4be1f09aa01"), "4be1f09");
});
