import assert from "node:assert/strict";
import { test } from "node:test";
import type { Operation, Stage } from "../../lib/api/types.ts";
import { causeOf, elapsedMs, headline, isSettled, markOf, stageName, trackOf } from "./model.ts";

function stage(name: Stage["name"], state: Stage["state"], more: Partial<Stage> = {}): Stage {
  return { name, state, at: null, detail: null, ...more };
}

function operation(changes: Partial<Operation> = {}): Operation {
  return {
    id: "op",
    ruleId: "r1",
    kind: "deploy",
    state: "effective",
    generation: 5,
    actor: "alice",
    reason: null,
    outcome: null,
    createdAt: "2026-01-01T00:00:00.000Z",
    endedAt: null,
    stages: [stage("saved", "done"), stage("effective", "done")],
    ...changes,
  };
}

test("a stage that was not reported has not begun", () => {
  assert.equal(trackOf(operation()).committed.state, "pending");
  assert.equal(trackOf(operation()).saved.state, "done");
});

test("time is counted from the request", () => {
  const applied = stage("applied", "done", { at: "2026-01-01T00:00:00.120Z" });
  assert.equal(elapsedMs(operation(), applied), 120);
  assert.equal(elapsedMs(operation(), stage("applied", "waiting")), null);
});

test("a stage never takes less than no time, whatever the clocks say", () => {
  const early = stage("saved", "done", { at: "2025-12-31T23:59:59.000Z" });
  assert.equal(elapsedMs(operation(), early), 0);
});

test("an effective deploy whose commit still waits is not settled", () => {
  assert.ok(isSettled(operation()));
  assert.ok(!isSettled(operation({ stages: [stage("committed", "waiting")] })));
});

test("what runs, failed or lacks proof stays unfolded", () => {
  assert.ok(!isSettled(operation({ state: "running" })));
  assert.ok(!isSettled(operation({ state: "failed" })));
  assert.ok(!isSettled(operation({ state: "applied-not-proven" })));
});

test("a failure is told with its cause", () => {
  const refused = stage("applied", "failed", { detail: "Envoy refused the route" });
  const failed = operation({ state: "failed", stages: [refused] });
  assert.equal(headline(failed), "Deploy of revision 5 failed");
  assert.equal(causeOf(failed), "Envoy refused the route");
  assert.equal(causeOf({ ...failed, outcome: "refused" }), "refused");
});

test("whose hand brought it there is said as it is", () => {
  const applied = stage("applied", "done");
  assert.equal(stageName(operation(), applied, "cluster"), "Applied to the cluster");
  assert.equal(stageName(operation(), applied, "git-only"), "Synced to the cluster");
  assert.equal(stageName(operation(), applied, null), "Applied to the mesh");
  assert.equal(stageName(operation(), stage("effective", "done"), "git-only"), "Effective");
});

test("a deploy without proof is marked where the proof is missing", () => {
  const unproven = operation({ state: "applied-not-proven" });
  assert.equal(markOf(unproven, stage("effective", "skipped")), "unproven");
  assert.equal(stageName(unproven, stage("effective", "skipped"), "cluster"), "Not proven");
  assert.equal(markOf(unproven, stage("applied", "done")), "done");
  assert.equal(markOf(operation(), stage("effective", "done")), "done");
});
