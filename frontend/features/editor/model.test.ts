import assert from "node:assert/strict";
import { test } from "node:test";
import type { Rule, Service } from "../../lib/api/types.ts";
import {
  tidied,
  withArm,
  withArmChanged,
  withCohort,
  withEvenArms,
  withoutArm,
  withoutCohort,
} from "./edits.ts";
import {
  addCommand,
  extrasOf,
  formOf,
  inputOf,
  NO_POLICIES,
  newForm,
  type RuleForm,
  sendSame,
  shapeOf,
  typeOf,
} from "./model.ts";
import { MOST_VERSIONS } from "./split.ts";

const conditions = [
  { source: "header", name: "x-tester", operator: "exact", value: "yes" } as const,
];

const rule: Rule = {
  id: "r1",
  cluster: "local",
  namespace: "shop",
  serviceName: "checkout",
  hosts: ["checkout.example"],
  gateways: ["mesh", "public"],
  ruleType: "HEADER",
  versions: [
    { name: "v1", weight: 66.67, labels: { app: "checkout", version: "v1" } },
    { name: "v2", weight: 33.33, labels: { version: "v2" } },
  ],
  cohorts: [{ name: "testers", version: "v2", conditions }],
  mirror: { version: "v2", share: 12.5 },
  policies: { ...NO_POLICIES, timeoutMs: 900 },
  isActive: true,
  edition: 4,
  state: "live",
  generation: 3,
  liveVersions: null,
  targets: [],
  operation: null,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
  deployedAt: null,
  version1Name: "v1",
  version2Name: "v2",
  version1Weight: 66.67,
  version2Weight: 33.33,
};

const service: Service = {
  namespace: "shop",
  serviceName: "shipping",
  versions: [
    { name: "v4", addresses: [], labels: { version: "v4" }, ready: 0, known: 1 },
    { name: "v5", addresses: [], labels: { app: "s", version: "5" }, ready: 4, known: 4 },
  ],
  ruleId: null,
};

test("a rule that is opened and sent back is unchanged, unseen parts included", () => {
  const { namespace, serviceName, hosts, gateways, ruleType } = rule;
  const { versions, cohorts, mirror, policies } = rule;
  assert.deepEqual(inputOf(formOf(rule)), {
    ...{ namespace, serviceName, hosts, gateways, ruleType },
    ...{ versions, cohorts, mirror, policies },
  });
});

test("renaming a version takes its testers, its mirror and its usual label along", () => {
  const input = inputOf(withArmChanged(formOf(rule), 1, { name: "v3" }));
  assert.deepEqual(input.versions[1], { name: "v3", weight: 33.33, labels: { version: "v3" } });
  assert.equal(input.cohorts?.[0]?.version, "v3");
  assert.equal(input.mirror?.version, "v3");
});

test("renaming a version leaves labels of its own alone", () => {
  const input = inputOf(withArmChanged(formOf(rule), 0, { name: "stable" }));
  assert.deepEqual(input.versions[0]?.labels, { app: "checkout", version: "v1" });
});

test("who referred to a removed version has to choose anew", () => {
  const form = withoutArm(formOf(rule), 1);
  assert.equal(form.cohorts[0]?.armKey, null);
  assert.equal(form.mirror?.armKey, null);
  assert.deepEqual(
    form.arms.map(({ weight }) => weight),
    [10_000],
  );
});

test("the last version cannot be removed", () => {
  const single = withoutArm(formOf(rule), 1);
  assert.equal(withoutArm(single, 0), single);
});

test("a new version continues the row and starts without traffic", () => {
  const added = withArm(withArmChanged(formOf(rule), 0, { name: "v3" })).arms[2];
  assert.equal(added?.name, "v4");
  assert.equal(added?.weight, 0);
});

test("there are at most twenty versions", () => {
  let form: RuleForm = newForm(null);
  for (let step = 0; step < 30; step++) form = withArm(form);
  assert.equal(form.arms.length, MOST_VERSIONS);
  const weights = withEvenArms(form).arms.map(({ weight }) => weight);
  assert.deepEqual(new Set(weights), new Set([500]));
});

test("a form for a discovered service starts with all traffic where somebody can answer", () => {
  const { arms, namespace, serviceName } = newForm(service);
  assert.deepEqual(
    arms.map(({ name, weight }) => [name, weight]),
    [
      ["v4", 0],
      ["v5", 10_000],
    ],
  );
  assert.deepEqual(
    arms.map(({ labels }) => labels),
    [null, { app: "s", version: "5" }],
  );
  assert.equal(`${namespace}/${serviceName}`, "shop/shipping");
});

test("the type of a rule follows its contents", () => {
  const plain = newForm(null);
  const mirror = { armKey: 0, share: 10 };
  assert.equal(typeOf(plain), "WEIGHTED");
  assert.equal(typeOf(withCohort(plain)), "HEADER");
  assert.equal(typeOf({ ...plain, mirror }), "MIRROR");
});

test("the stored type stays as long as the rule holds what it states", () => {
  const form = { ...formOf(rule), ruleType: "MIRROR" as const };
  assert.equal(typeOf(form), "MIRROR");
  assert.equal(typeOf({ ...form, mirror: null }), "HEADER");
});

test("locking is not a change that would be sent", () => {
  const form = formOf(rule);
  assert.ok(sendSame(form, withArmChanged(form, 0, { locked: true })));
  assert.ok(!sendSame(form, withEvenArms(form)));
});

test("a path has no name, and presence no value", () => {
  const [header] = conditions;
  assert.equal(header && tidied({ ...header, source: "path" }).name, "");
  assert.equal(header && tidied({ ...header, operator: "present" }).value, "");
});

test("the shape changes when rows come or go and not when they are edited", () => {
  const form = formOf(rule);
  assert.equal(shapeOf(form), shapeOf(withArmChanged(form, 0, { name: "x" })));
  assert.notEqual(shapeOf(form), shapeOf(withArm(form)));
  assert.notEqual(shapeOf(form), shapeOf(withoutCohort(form, 0)));
});

test("the folded part says what is in it", () => {
  assert.equal(extrasOf(formOf(rule)), "testers, mirror, hosts, gateways, timeout");
  assert.equal(extrasOf(newForm(null)), "");
});

test("the command for a local service names every version", () => {
  assert.equal(
    addCommand(newForm(service)),
    "crossfade local add shop/shipping --version v4=127.0.0.1:9001 --version v5=127.0.0.1:9002",
  );
});
