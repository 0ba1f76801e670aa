import type { DriftTarget, RevisionDocument } from "../../lib/api/types.ts";

const NAMES = {
  database: "Database",
  git: "Git",
  envoy: "Mesh",
  cluster: "Cluster",
} as const satisfies Record<DriftTarget["target"], string>;

export function targetName({ target }: Pick<DriftTarget, "target">): string {
  return NAMES[target];
}

export type Standing = "same" | "differs" | "missing" | "unknown";

/** How a target stands to what was deployed. */
export function standing(target: DriftTarget): Standing {
  if (target.error !== null) return "unknown";
  if (target.missing) return "missing";
  return target.differs ? "differs" : "same";
}

/** The document of a revision that should stand at this target. */
export function desiredDocument(
  documents: readonly RevisionDocument[],
  { target }: Pick<DriftTarget, "target">,
): string | null {
  return documents.find((document) => document.target === target)?.content ?? null;
}

/** Targets whose document can be laid beside the desired one. */
export function comparable(targets: readonly DriftTarget[]): readonly DriftTarget[] {
  return targets.filter((target) => standing(target) === "differs" && target.document !== null);
}
