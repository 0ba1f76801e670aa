import assert from "node:assert/strict";
import { test } from "node:test";
import type { Check } from "../../lib/api/types.ts";
import { checkName, inOrder, troubleWords } from "./model.ts";

function check(name: string, ok = true): Check {
  return { name, ok, detail: "", address: null, since: "2026-01-01T00:00:00Z" };
}

test("what is not well comes first", () => {
  const names = inOrder([check("git"), check("istiod", false), check("argocd")]).map(
    ({ name }) => name,
  );
  assert.deepEqual(names, ["istiod", "argocd", "git"]);
});

test("trouble is named, and only trouble", () => {
  assert.equal(troubleWords([check("git"), check("database")]), null);
  assert.equal(troubleWords([check("git", false), check("database")]), "Git is not well");
  const both = [check("istiod", false), check("argocd", false)];
  assert.equal(troubleWords(both), "Argo CD and Istio are not well");
});

test("a thing we know no name for keeps its own", () => {
  assert.equal(checkName(check("tempo")), "tempo");
});
