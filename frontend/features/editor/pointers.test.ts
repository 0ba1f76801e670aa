import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "../../lib/api/types.ts";
import { marksOf, unplaced } from "./pointers.ts";

function at(...pointers: string[]) {
  return pointers.map((pointer) => ({ pointer, detail: "wrong" }));
}

test("errors with a field of their own are not told twice", () => {
  assert.deepEqual(unplaced(at("/serviceName", "/versions/3/name", "/cohorts/0/version")), []);
  assert.deepEqual(unplaced(at("/cohorts/1/conditions/0/value", "/mirror/share")), []);
});

test("errors without a field are told at the top", () => {
  const homeless = at("/versions", "/policies/retries/attempts", "");
  assert.deepEqual(unplaced(homeless), homeless);
});

test("what stands in the way marks the field where it can be mended", () => {
  const finding = (pointer: string, severity: Finding["severity"] = "blocker"): Finding => ({
    severity,
    code: "no-endpoints",
    message: `at ${pointer}`,
    pointer,
  });
  const findings = [finding("/versions/1"), finding("/hosts/0"), finding("")];
  assert.deepEqual(marksOf([...findings, finding("/versions/0", "warning")]), [
    { pointer: "/versions/1", detail: "at /versions/1" },
    { pointer: "/hosts/0", detail: "at /hosts/0" },
  ]);
});
