import type { RowTarget, RuleRow, RuleState, Share } from "../../lib/api/types.ts";
import { counted } from "../../lib/format.ts";

export const PAGE_SIZE = 25;

/** States in the order of how much they ask of a person. */
const STATES: readonly RuleState[] = [
  "failed",
  "drift",
  "deploying",
  "rolling-out",
  "undeployed-changes",
  "draft",
  "live",
  "released",
];

/** The state of this name; null where an address names none. */
export function stateNamed(name: string | null): RuleState | null {
  return STATES.find((state) => state === name) ?? null;
}

export type Counts = Readonly<Record<string, number>>;

/** The states worth a filter: those that occur, and the one chosen. */
export function filterStates(counts: Counts, chosen: RuleState | null): readonly RuleState[] {
  return STATES.filter((state) => (counts[state] ?? 0) > 0 || state === chosen);
}

export function totalOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, amount) => sum + amount, 0);
}

type Split = Pick<RuleRow, "versions" | "liveVersions">;

/** The split the mesh should show: the deployed one, else the draft. */
export function wantedSplit(rule: Split): readonly Share[] {
  return rule.liveVersions ?? rule.versions;
}

/** Where a target differs, in words: "search (mesh)". */
export function driftPlace(row: Pick<RuleRow, "serviceName" | "targets">): string {
  const places = row.targets.filter(({ drift }) => drift).map(({ kind }) => placeName(kind));
  return places.length === 0 ? row.serviceName : `${row.serviceName} (${places.join(", ")})`;
}

const PLACES = { git: "Git", envoy: "mesh", cluster: "cluster" } as const;

function placeName(kind: RowTarget["kind"]): string {
  return PLACES[kind];
}

/** Git is on its way or refused although the mesh has the rule already. */
export function gitBehind(row: Pick<RuleRow, "state" | "targets">): RowTarget | null {
  if (row.state !== "live") return null;
  return row.targets.find(({ kind, state }) => kind === "git" && state !== "confirmed") ?? null;
}

/** "26–50 of 10,000" from the page number and what came. */
export function pageRange(page: number, shown: number): { first: number; last: number } {
  const first = (page - 1) * PAGE_SIZE + 1;
  return { first, last: first + shown - 1 };
}

/** The row to go to from this one, staying inside the list. */
export function neighbour<T>(rows: readonly T[], current: T | null, step: 1 | -1): T | undefined {
  const at = current === null ? -1 : rows.indexOf(current);
  if (at === -1) return step === 1 ? rows[0] : rows.at(-1);
  return rows[Math.min(rows.length - 1, Math.max(0, at + step))];
}

type Asked = { readonly search: string; readonly namespace: string | null };

/** What there is to show: rows, no rule at all, or none that matches. */
export function listing(
  page: { readonly items: readonly unknown[]; readonly counts: Counts },
  asked: Asked,
): "rows" | "no-rules" | "no-match" {
  if (page.items.length > 0) return "rows";
  const narrowed = asked.search !== "" || asked.namespace !== null;
  return totalOf(page.counts) === 0 && !narrowed ? "no-rules" : "no-match";
}

/** "3 services were found in bank and shop", to begin with. */
export function foundWords(services: readonly { readonly namespace: string }[]): string {
  if (services.length === 0) return "No service was found in the namespaces that are watched.";
  const namespaces = [...new Set(services.map(({ namespace }) => namespace))].sort();
  const verb = services.length === 1 ? "was" : "were";
  return `${counted(services.length, "service")} ${verb} found in ${namespaces.join(", ")}.`;
}
