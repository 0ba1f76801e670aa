import assert from "node:assert/strict";
import { test } from "node:test";
import type { DriftTarget } from "../../lib/api/types.ts";
import { comparable, desiredDocument, standing } from "./model.ts";

function target(changes: Partial<DriftTarget> = {}): DriftTarget {
  return {
    target: "git",
    generation: 5,
    document: "a: 1\n",
    differs: false,
    missing: false,
    author: null,
    at: null,
    summary: null,
    error: null,
    ...changes,
  };
}

test("a target that could not be asked is not said to be fine", () => {
  assert.equal(standing(target({ error: "no route to host" })), "unknown");
  assert.equal(standing(target({ missing: true, differs: true })), "missing");
  assert.equal(standing(target({ differs: true })), "differs");
  assert.equal(standing(target()), "same");
});

test("changes can be seen only where there is a document that differs", () => {
  const other = target({ target: "envoy", differs: true });
  assert.deepEqual(comparable([target(), other, target({ missing: true })]), [other]);
  assert.deepEqual(comparable([target({ differs: true, document: null })]), []);
});

test("each target is compared with its own document of the revision", () => {
  const documents = [
    { target: "git", path: "istio/a.yaml", content: "istio" } as const,
    { target: "envoy", path: "a", content: "envoy" } as const,
  ];
  assert.equal(desiredDocument(documents, target({ target: "envoy" })), "envoy");
  assert.equal(desiredDocument([], target()), null);
});
