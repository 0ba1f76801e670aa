import type { Rule, Surrounding } from "../../lib/api/types.ts";

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

type Reached = Pick<Rule, "namespace" | "serviceName" | "hosts" | "gateways">;

/** A host under which the rule is reached at an entrance; null where it is not reached there. */
function hostOf(rule: Reached, surrounding: Surrounding): string | null {
  const [host] = rule.hosts.filter((one) => !one.startsWith("*"));
  if (host) return host;
  // At a gateway of a cluster, only hosts that the rule names are surely let in.
  if (surrounding !== "embedded") return null;
  // The bare name answers for namespace default only.
  const isBare = rule.namespace === "default";
  return isBare ? rule.serviceName : `${rule.serviceName}.${rule.namespace}`;
}

type Here = { readonly entrance: string | null; readonly surrounding: Surrounding };

/** A command that shows the split at work; null where no entrance leads to it. */
export function curlLine(rule: Reached, { entrance, surrounding }: Here): string | null {
  const isInside = rule.gateways.every((gateway) => gateway === "mesh");
  if (!entrance || (surrounding !== "embedded" && isInside)) return null;
  const host = hostOf(rule, surrounding);
  return host && `curl -H "Host: ${host}" ${entrance.replace(/\/$/, "")}/`;
}

export const TABS = ["versions", "yaml", "history", "activity"] as const;
export type Tab = (typeof TABS)[number];

export function tabNamed(name: string | null): Tab {
  return TABS.find((tab) => tab === name) ?? "versions";
}

/** What a deletion means for the traffic. */
export function leavingWords(wasDeployed: boolean, mode: "remove" | "release"): string {
  if (!wasDeployed) return "It was never deployed, so nothing changes in the mesh.";
  const file = "its file leaves Git. The history stays in the audit.";
  return mode === "release"
    ? `Traffic goes on as it does now, without Crossfade; ${file}`
    : `Its route leaves the mesh and ${file}`;
}
