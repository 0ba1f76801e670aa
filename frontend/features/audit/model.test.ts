import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuditEntry } from "../../lib/api/types.ts";
import { ACTIONS, actionWords, dayBoundary, pictures, toneOf } from "./model.ts";

const entry: AuditEntry = {
  n: 1,
  at: "2026-01-01T00:00:00Z",
  actor: "alice",
  action: "rule.edited",
  namespace: "shop",
  serviceName: "checkout",
  ruleId: "r1",
  operationId: null,
  generation: null,
  reason: null,
  summary: "edited",
  before: null,
  after: null,
  hash: "00",
};

test("every end of every operation can be filtered for", () => {
  assert.ok(ACTIONS.includes("rollback.failed"));
  assert.ok(ACTIONS.includes("deploy.applied-not-proven"));
  assert.equal(new Set(ACTIONS).size, ACTIONS.length);
});

test("an action is coloured by how it ended", () => {
  assert.equal(toneOf("deploy.failed"), "danger");
  assert.equal(toneOf("rollback.effective"), "success");
  assert.equal(toneOf("rule.edited"), "neutral");
});

test("an action reads as words", () => {
  assert.equal(actionWords("deploy.applied-not-proven"), "deploy applied not proven");
});

test("a span of one day begins at its midnight and ends at the next", () => {
  const start = dayBoundary("2026-03-10", "start");
  const end = dayBoundary("2026-03-10", "end");
  assert.equal(start, new Date(2026, 2, 10).toISOString());
  assert.equal(end, new Date(2026, 2, 11).toISOString());
});

test("what is no day bounds nothing", () => {
  assert.equal(dayBoundary("soon", "start"), null);
  assert.equal(dayBoundary(null, "end"), null);
});

test("what came to be has nothing before it, what went nothing after", () => {
  assert.equal(pictures(entry), null);
  assert.deepEqual(pictures({ ...entry, after: { a: 1 } }), {
    before: null,
    after: '{\n  "a": 1\n}',
  });
  assert.equal(pictures({ ...entry, before: { a: 1 } })?.after, "");
});
