import assert from "node:assert/strict";
import { test } from "node:test";
import { curlLine, nextAct, tabNamed } from "./model.ts";

test("what is not in the mesh yet asks to be deployed, what drifted to be restored", () => {
  assert.equal(nextAct({ state: "undeployed-changes" }), "deploy");
  assert.equal(nextAct({ state: "drift" }), "restore");
  assert.equal(nextAct({ state: "live" }), null);
});

test("the bare name is a host in the namespace default only", () => {
  const entrance = "http://localhost:8080/";
  const line = (namespace: string) => curlLine({ namespace, serviceName: "cart" }, entrance);
  assert.equal(line("default"), 'curl -H "Host: cart" http://localhost:8080/');
  assert.equal(line("shop"), 'curl -H "Host: cart.shop" http://localhost:8080/');
});

test("without an entrance there is no command", () => {
  assert.equal(curlLine({ namespace: "default", serviceName: "cart" }, null), null);
});

test("an unknown tab in the address opens the first", () => {
  assert.equal(tabNamed("history"), "history");
  assert.equal(tabNamed("rollout"), "versions");
  assert.equal(tabNamed(null), "versions");
});
