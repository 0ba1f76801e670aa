import type { Rule } from "../../lib/api/types.ts";

export type NextAct = "deploy" | "restore" | null;

/** The sensible next step for a rule, where there is one. */
export function nextAct({ state }: Pick<Rule, "state">): NextAct {
  switch (state) {
    case "draft":
    case "undeployed-changes":
    case "failed":
    case "released":
      return "deploy";
    case "drift":
      return "restore";
    case "deploying":
    case "rolling-out":
    case "live":
      return null;
  }
}

/** A command that shows the split at work; null where we do not know the entrance. */
export function curlLine(
  rule: Pick<Rule, "namespace" | "serviceName">,
  entrance: string | null,
): string | null {
  if (!entrance) return null;
  // The bare name answers for namespace default only.
  const bare = rule.namespace === "default";
  const host = bare ? rule.serviceName : `${rule.serviceName}.${rule.namespace}`;
  return `curl -H "Host: ${host}" ${entrance.replace(/\/$/, "")}/`;
}

export const TABS = ["versions", "yaml", "history", "activity"] as const;
export type Tab = (typeof TABS)[number];

export function tabNamed(name: string | null): Tab {
  return TABS.find((tab) => tab === name) ?? "versions";
}
