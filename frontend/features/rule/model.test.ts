import assert from "node:assert/strict";
import { test } from "node:test";
import { curlLine, leavingWords, nextAct, tabNamed } from "./model.ts";

test("what is not in the mesh yet asks to be deployed, what drifted to be restored", () => {
  assert.equal(nextAct({ state: "undeployed-changes" }), "deploy");
  assert.equal(nextAct({ state: "drift" }), "restore");
  assert.equal(nextAct({ state: "live" }), null);
});

const inside = { namespace: "default", serviceName: "cart", hosts: [], gateways: ["mesh"] };
const embedded = { entrance: "http://localhost:8080/", surrounding: "embedded" } as const;
const cluster = { ...embedded, surrounding: "cluster" } as const;

test("the bare name is a host in the namespace default only", () => {
  assert.equal(curlLine(inside, embedded), 'curl -H "Host: cart" http://localhost:8080/');
  const shop = { ...inside, namespace: "shop" };
  assert.equal(curlLine(shop, embedded), 'curl -H "Host: cart.shop" http://localhost:8080/');
});

test("a host of the rule's own comes first, unless it is a pattern", () => {
  const named = { ...inside, hosts: ["*.example", "cart.example"] };
  assert.equal(curlLine(named, embedded), 'curl -H "Host: cart.example" http://localhost:8080/');
});

test("a gateway of a cluster leads to rules that stand on one and name a host", () => {
  const atGateway = { ...inside, gateways: ["mesh", "shop/public"] };
  const named = { ...atGateway, hosts: ["cart.example"] };
  assert.equal(curlLine(inside, cluster), null);
  assert.equal(curlLine(atGateway, cluster), null);
  assert.equal(curlLine(named, cluster), 'curl -H "Host: cart.example" http://localhost:8080/');
});

test("without an entrance there is no command", () => {
  assert.equal(curlLine(inside, { ...embedded, entrance: null }), null);
});

test("an unknown tab in the address opens the first", () => {
  assert.equal(tabNamed("history"), "history");
  assert.equal(tabNamed("rollout"), "versions");
  assert.equal(tabNamed(null), "versions");
});

test("a deletion says what becomes of the traffic", () => {
  assert.match(leavingWords(false, "remove"), /nothing changes/);
  assert.match(leavingWords(true, "remove"), /route leaves the mesh and its file leaves Git/);
  assert.match(leavingWords(true, "release"), /goes on as it does now/);
});
