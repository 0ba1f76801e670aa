import type { Preview, TargetKind } from "../../lib/api/types.ts";

type PreviewDocument = Preview["documents"][number];

const PLACES: Record<TargetKind, string> = { git: "Git", envoy: "Envoy", cluster: "Cluster" };

export type Comparison = {
  readonly places: string;
  readonly path: string;
  readonly current: string | null;
  readonly proposed: string;
};

function isSame(one: Comparison, other: PreviewDocument): boolean {
  return one.current === other.current && one.proposed === other.proposed;
}

/** What changes where; places where the very same changes are shown once. */
export function comparisons(documents: readonly PreviewDocument[]): readonly Comparison[] {
  const found: Comparison[] = [];
  for (const document of documents) {
    const place = PLACES[document.target];
    const at = found.findIndex((one) => isSame(one, document));
    const same = found[at];
    if (same) found[at] = { ...same, places: `${same.places} and ${place}` };
    else found.push({ ...document, places: place });
  }
  return found;
}
