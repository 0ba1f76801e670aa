import type { Check } from "../../lib/api/types.ts";

const NAMES: Readonly<Record<string, string>> = {
  database: "PostgreSQL",
  git: "Git",
  envoy: "Envoy",
  kubernetes: "Kubernetes",
  istiod: "Istio",
  argocd: "Argo CD",
  prometheus: "Prometheus",
};

/** What a thing is called by its makers; its own word where we know none. */
export function checkName({ name }: Pick<Check, "name">): string {
  return NAMES[name] ?? name;
}

/** Those that are not well first, each group by name. */
export function inOrder(checks: readonly Check[]): readonly Check[] {
  return checks.toSorted(
    (one, other) => Number(one.ok) - Number(other.ok) || one.name.localeCompare(other.name),
  );
}

/** "git is not well", "git and istiod are not well"; null where all is. */
export function troubleWords(checks: readonly Check[]): string | null {
  const bad = inOrder(checks).filter(({ ok }) => !ok);
  if (bad.length === 0) return null;
  return `${bad.map(checkName).join(" and ")} ${bad.length === 1 ? "is" : "are"} not well`;
}
