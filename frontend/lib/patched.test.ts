import assert from "node:assert/strict";
import { test } from "node:test";
import { patched } from "./patched.ts";

test("a change leaves the other parameters alone", () => {
  assert.equal(patched("?state=live&q=cart", { state: "drift" }), "state=drift&q=cart");
});

test("null and nothing take a parameter away", () => {
  assert.equal(patched("?state=live&q=cart", { state: null, q: "" }), "");
});

test("what is put into an address comes out as it was", () => {
  const query = patched("", { q: "a&b=c d" });
  assert.equal(new URLSearchParams(query).get("q"), "a&b=c d");
});
