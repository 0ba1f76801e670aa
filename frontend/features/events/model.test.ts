import assert from "node:assert/strict";
import { test } from "node:test";
import { outdatedBy, outdatedByAll, type ServerEvent } from "./model.ts";

test("a finished operation refreshes the list and its own rule", () => {
  const paths = outdatedBy({ type: "operation", id: "op1", ruleId: "r1" }).map(({ path }) => path);
  assert.deepEqual(paths, [
    "/api/rules",
    "/api/rules/{rule_id}",
    "/api/rules/{rule_id}/revisions",
    "/api/rules/{rule_id}/drift",
  ]);
});

test("a rule event names its rule by id alone", () => {
  const [, rule] = outdatedBy({ type: "rule", id: "r1" });
  assert.deepEqual(rule, { path: "/api/rules/{rule_id}", ruleId: "r1" });
});

test("a burst of events refreshes each resource once", () => {
  const burst: ServerEvent[] = Array.from({ length: 50 }, () => ({ type: "drift", ruleId: "r1" }));
  assert.equal(outdatedByAll(burst).length, 4);
});

test("an event of an unknown kind is not an error", () => {
  const fromTheFuture = { type: "topology" } as unknown as ServerEvent;
  assert.deepEqual(outdatedBy(fromTheFuture), []);
});
