import type { ServerEvent } from "../../lib/api/types.ts";

export type Connection = "connecting" | "live" | "reconnecting" | "offline";

/** A resource that may be on screen and is out of date now. */
export type Stale =
  | { readonly path: "/api/rules" | "/api/audit" | "/api/services" | "/api/me" | "/health" }
  | {
      readonly path:
        | "/api/rules/{rule_id}"
        | "/api/rules/{rule_id}/revisions"
        | "/api/rules/{rule_id}/drift";
      readonly ruleId: string;
    };

/** After words were lost, nothing on screen can be trusted. */
export type Outdated = "everything" | readonly Stale[];

function ofRule(ruleId: string | null): readonly Stale[] {
  if (ruleId === null) return [];
  return [
    { path: "/api/rules/{rule_id}", ruleId },
    { path: "/api/rules/{rule_id}/revisions", ruleId },
    { path: "/api/rules/{rule_id}/drift", ruleId },
  ];
}

/** What one event makes out of date. */
export function outdatedBy(event: ServerEvent): readonly Stale[] {
  switch (event.type) {
    case "rule":
      return [{ path: "/api/rules" }, ...ofRule(event.ruleId ?? event.id)];
    case "operation":
    case "drift":
      return [{ path: "/api/rules" }, ...ofRule(event.ruleId)];
    case "audit":
      return [{ path: "/api/audit" }];
    case "local":
      return [{ path: "/api/services" }];
    case "health":
      return [{ path: "/api/me" }, { path: "/health" }];
    default:
      // An event of a newer server: nothing of ours to refresh.
      return [];
  }
}

/** Every resource the events make out of date, each once. */
export function outdatedByAll(events: readonly ServerEvent[]): Outdated {
  if (events.some(({ type }) => type === "gap")) return "everything";
  const distinct = new Map<string, Stale>();
  for (const stale of events.flatMap(outdatedBy)) distinct.set(JSON.stringify(stale), stale);
  return [...distinct.values()];
}
