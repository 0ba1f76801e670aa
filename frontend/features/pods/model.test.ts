import assert from "node:assert/strict";
import { test } from "node:test";
import { hasPods, isBare, podsWords } from "./model.ts";

test("pods are told as those that are ready, of those that there are", () => {
  assert.equal(podsWords({ ready: 1, known: 2 }), "1 of 2 pods ready");
  assert.equal(podsWords({ ready: 1, known: 2 }, ""), "1 of 2 ready");
  assert.equal(podsWords({ ready: 0, known: 0 }), "no pods");
});

test("a version is bare as long as none of its pods is ready", () => {
  assert.ok(isBare({ ready: 0, known: 3 }));
  assert.ok(!isBare({ ready: 1, known: 3 }));
});

test("versions are pods wherever a cluster divides the traffic", () => {
  assert.ok(hasPods("cluster"));
  assert.ok(hasPods("git-only"));
  assert.ok(!hasPods("embedded"));
  assert.ok(!hasPods(null));
});
