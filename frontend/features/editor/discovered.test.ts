import assert from "node:assert/strict";
import { test } from "node:test";
import type { Service } from "../../lib/api/types.ts";
import {
  firstAbleVersion,
  isTyped,
  likelyNamespace,
  namespacesOf,
  podsOf,
  serviceOf,
  versionLines,
} from "./discovered.ts";
import { armOf, newForm } from "./model.ts";

function version(name: string, ready: number | null, known = ready) {
  return { name, addresses: [], labels: { version: name }, ready, known };
}

function service(serviceName: string, ...versions: Service["versions"]): Service {
  return { namespace: "shop", serviceName, versions, ruleId: null };
}

const cart = service("cart", version("v1", 0, 2), version("v2", 2));

test("a service is found by its name and namespace together", () => {
  const elsewhere = { ...cart, namespace: "bank" };
  assert.equal(serviceOf([elsewhere, cart], newForm(cart)), cart);
  assert.equal(serviceOf([elsewhere], newForm(cart)), null);
});

test("a version of the form has the pods that carry its labels", () => {
  const arm = (name: string, labels: Record<string, string> | null = null) =>
    armOf({ name, weight: 0 }, 0, labels);
  assert.deepEqual(podsOf(arm("v1"), cart), { ready: 0, known: 2 });
  assert.deepEqual(podsOf(arm("stable", { version: "v2" }), cart), { ready: 2, known: 2 });
  assert.deepEqual(podsOf(arm("v9"), cart), { ready: 0, known: 0 });
});

test("about labels that discovery does not tell, and uncounted versions, nothing is claimed", () => {
  const labels = { track: "canary" };
  assert.equal(podsOf(armOf({ name: "v1", weight: 0 }, 0, labels), cart), null);
  const local = service("cart", version("v1", null));
  assert.equal(podsOf(armOf({ name: "v1", weight: 0 }, 0), local), null);
  assert.equal(podsOf(armOf({ name: "v1", weight: 0 }, 0), null), null);
});

test("traffic starts at a version that can answer", () => {
  assert.equal(firstAbleVersion(cart.versions), 1);
  assert.equal(firstAbleVersion([version("v1", 0), version("v2", 0)]), 0);
  assert.equal(firstAbleVersion([version("v1", null)]), 0);
});

test("versions are told with their pods where those are counted", () => {
  assert.deepEqual(versionLines(cart), [
    { name: "v1", pods: { ready: 0, known: 2 } },
    { name: "v2", pods: { ready: 2, known: 2 } },
  ]);
  const local = service("cart", version("v1", null));
  assert.deepEqual(versionLines(local), [{ name: "v1", pods: null }]);
});

test("a service is found by any part of what it is called", () => {
  assert.ok(isTyped(cart, "ART"));
  assert.ok(isTyped(cart, "shop/c"));
  assert.ok(!isTyped(cart, "bank"));
});

test("namespaces are those of the services, each once", () => {
  const other = { ...cart, namespace: "bank" };
  assert.deepEqual(namespacesOf([cart, other, service("pay")]), ["bank", "shop"]);
});

test("a rule is likely for the usual namespace, unless nothing was found there", () => {
  assert.equal(likelyNamespace([cart]), "shop");
  assert.equal(likelyNamespace([cart, { ...cart, namespace: "default" }]), "default");
  assert.equal(likelyNamespace([]), "default");
});
