import assert from "node:assert/strict";
import { test } from "node:test";
import type { Preview } from "../../lib/api/types.ts";
import { comparisons } from "./comparisons.ts";

type PreviewDocument = Preview["documents"][number];

const git: PreviewDocument = {
  target: "git",
  path: "istio/shop/cart.yaml",
  proposed: "weight: 50",
  current: "weight: 20",
};
const cluster: PreviewDocument = { ...git, target: "cluster", path: "shop/cart" };

test("Git and the cluster are shown once where they change alike", () => {
  const [only, ...others] = comparisons([git, cluster]);
  assert.deepEqual(others, []);
  assert.equal(only?.places, "Git and Cluster");
  assert.equal(only?.path, "istio/shop/cart.yaml");
});

test("where one of them holds something else, each is shown", () => {
  const found = comparisons([git, { ...cluster, current: "weight: 99" }]);
  assert.deepEqual(
    found.map(({ places, current }) => [places, current]),
    [
      ["Git", "weight: 20"],
      ["Cluster", "weight: 99"],
    ],
  );
});
