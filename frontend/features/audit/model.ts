import type { AuditEntry, Operation } from "../../lib/api/types.ts";

const KINDS = [
  "deploy",
  "rollback",
  "repair",
  "release",
  "remove",
] as const satisfies readonly Operation["kind"][];
const STEPS = ["requested", "effective", "applied-not-proven", "superseded", "failed"] as const;

/** Everything that can stand in the audit. */
export const ACTIONS: readonly string[] = [
  "rule.created",
  "rule.edited",
  "rule.deleted",
  ...KINDS.flatMap((kind) => STEPS.map((step) => `${kind}.${step}`)),
  "local.changed",
];

export type Tone = "neutral" | "accent" | "success" | "warning" | "danger";

/** How an action is coloured: by how it ended, not by what it was. */
export function toneOf(action: string): Tone {
  if (action.endsWith(".failed")) return "danger";
  if (action.endsWith(".effective")) return "success";
  if (action.endsWith(".applied-not-proven") || action === "rule.deleted") return "warning";
  if (action.endsWith(".requested")) return "accent";
  return "neutral";
}

/** "deploy requested". */
export function actionWords(action: string): string {
  return action.replaceAll(/[.-]/g, " ");
}

/** The moment a local day begins (or, for the end of a span, is over). */
export function dayBoundary(day: string | null, edge: "start" | "end"): string | null {
  if (!day) return null;
  const midnight = new Date(`${day}T00:00`);
  if (Number.isNaN(midnight.getTime())) return null;
  if (edge === "end") midnight.setDate(midnight.getDate() + 1);
  return midnight.toISOString();
}

/** Both sides of an entry as text that can be compared; null where it holds no picture. */
export function pictures(entry: AuditEntry): { before: string | null; after: string } | null {
  if (entry.before === null && entry.after === null) return null;
  const text = (side: AuditEntry["before"]) => JSON.stringify(side, null, 2);
  return {
    before: entry.before && text(entry.before),
    after: entry.after === null ? "" : text(entry.after),
  };
}
