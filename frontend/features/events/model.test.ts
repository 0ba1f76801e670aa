import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServerEvent } from "../../lib/api/types.ts";
import { outdatedBy, outdatedByAll } from "./model.ts";

function event(type: ServerEvent["type"], ruleId: string | null = null, id = "x"): ServerEvent {
  return { type, id, ruleId, state: null };
}

test("a finished operation refreshes the list and its own rule", () => {
  const paths = outdatedBy(event("operation", "r1")).map(({ path }) => path);
  assert.deepEqual(paths, [
    "/api/rules",
    "/api/rules/{rule_id}",
    "/api/rules/{rule_id}/revisions",
    "/api/rules/{rule_id}/drift",
  ]);
});

test("a rule event names its rule by id alone", () => {
  const [, rule] = outdatedBy(event("rule", null, "r1"));
  assert.deepEqual(rule, { path: "/api/rules/{rule_id}", ruleId: "r1" });
});

test("a burst of events refreshes each resource once", () => {
  const burst = Array.from({ length: 50 }, () => event("drift", "r1"));
  assert.equal(outdatedByAll(burst).length, 4);
});

test("after a gap everything is out of date", () => {
  assert.equal(outdatedByAll([event("audit"), event("gap")]), "everything");
});

test("an event of an unknown kind is not an error", () => {
  const fromTheFuture = { type: "topology" } as unknown as ServerEvent;
  assert.deepEqual(outdatedBy(fromTheFuture), []);
});
