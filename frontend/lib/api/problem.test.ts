import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, asApiError, isPassing, UNREACHABLE } from "./problem.ts";

test("a problem is known by the last part of its type", () => {
  const error = new ApiError(412, {
    type: "/docs/problems/stale-edition",
    title: "Stale",
    detail: "Somebody else was quicker.",
  });
  assert.equal(error.code, "stale-edition");
  assert.equal(error.message, "Somebody else was quicker.");
});

test("an answer without a problem body still says something", () => {
  assert.equal(new ApiError(502, {}).message, "The API answered 502");
});

test("whatever is thrown can be shown", () => {
  assert.equal(asApiError(new Error("broken")).message, "broken");
  assert.equal(asApiError("broken").message, "broken");
  const error = new ApiError(404, {});
  assert.equal(asApiError(error), error);
});

test("asking again helps against silence and overload, not against a refusal", () => {
  assert.ok(isPassing(new ApiError(0, UNREACHABLE)));
  assert.ok(isPassing(new ApiError(503, {})));
  assert.ok(!isPassing(new ApiError(404, {})));
  assert.ok(!isPassing(new ApiError(422, {})));
});
