import assert from "node:assert/strict";
import { test } from "node:test";
import { unplaced } from "./pointers.ts";

function at(...pointers: string[]) {
  return pointers.map((pointer) => ({ pointer, detail: "wrong" }));
}

test("errors with a field of their own are not told twice", () => {
  assert.deepEqual(unplaced(at("/serviceName", "/versions/3/name", "/cohorts/0/version")), []);
  assert.deepEqual(unplaced(at("/cohorts/1/conditions/0/value", "/mirror/share")), []);
});

test("errors without a field are told at the top", () => {
  const homeless = at("/versions", "/policies/retries/attempts", "/hosts/0");
  assert.deepEqual(unplaced(homeless), homeless);
});
