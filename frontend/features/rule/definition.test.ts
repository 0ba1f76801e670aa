import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_POLICIES } from "../editor/model.ts";
import { conditionWords, definitionLines, splitsDiffer, versionLines } from "./definition.ts";

const plain = { hosts: [], gateways: ["mesh"], cohorts: [], mirror: null, policies: NO_POLICIES };

function version(name: string, weight: number) {
  return { name, weight, labels: { version: name } };
}

test("a condition reads as a sentence", () => {
  const value = { name: "x", operator: "exact", value: "yes" } as const;
  assert.equal(conditionWords({ source: "header", ...value }), "header x is yes");
  assert.equal(conditionWords({ source: "query", ...value }), "query parameter x is yes");
  assert.equal(
    conditionWords({ source: "path", name: "", operator: "prefix", value: "/b" }),
    "path starts with /b",
  );
  assert.equal(
    conditionWords({ source: "cookie", name: "c", operator: "present", value: "" }),
    "cookie c is present",
  );
});

test("a plain rule has its gateways to tell and nothing else", () => {
  assert.deepEqual(definitionLines(plain), [{ term: "Gateways", words: "mesh" }]);
});

test("everything that is set is told", () => {
  const lines = definitionLines({
    ...plain,
    hosts: ["a.example"],
    mirror: { version: "v2", share: 12.5 },
    policies: {
      timeoutMs: 900,
      retries: { attempts: 2, perTryTimeoutMs: 300, retryOn: ["5xx", "reset"] },
      fault: { delay: { share: 10, durationMs: 500 }, abort: { share: 5, status: 503 } },
      outlierDetection: {
        consecutive5xx: 5,
        intervalMs: 10_000,
        baseEjectionMs: 30_000,
        maxEjectionPercent: 50,
      },
      connectionLimits: {
        maxConnections: 10,
        maxPendingRequests: null,
        maxRequests: null,
        maxRequestsPerConnection: 1,
      },
    },
  });
  assert.deepEqual(
    lines.map(({ words }) => words),
    [
      "a.example",
      "mesh",
      "12.5% copied to v2",
      "900 ms",
      "2 more on 5xx, reset, each within 300 ms",
      "10% held back for 500 ms",
      "5% answered with 503",
      "after 5 errors in a row, looked at each 10 s, left out for 30 s, at most 50%",
      "10 connections, 1 requests per connection",
    ],
  );
});

test("a version on one side only is shown with nothing on the other", () => {
  const rule = { versions: [version("v2", 100)], liveVersions: [version("v1", 100)] };
  const lines = versionLines(rule).map(({ name, draft, deployed }) => [name, draft, deployed]);
  assert.deepEqual(lines, [
    ["v2", 100, null],
    ["v1", null, 100],
  ]);
  assert.ok(splitsDiffer(rule));
});

test("before the first deploy there is nothing to differ from", () => {
  assert.ok(!splitsDiffer({ versions: [version("v1", 100)], liveVersions: null }));
  const same = [version("v1", 100)];
  assert.ok(!splitsDiffer({ versions: same, liveVersions: same }));
});
