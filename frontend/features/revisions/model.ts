import type { Revision } from "../../lib/api/types.ts";

/** Ends of operations after which the mesh had the revision. */
const ARRIVED = new Set(["effective", "applied-not-proven"]);

function sameIntent(one: Revision, other: Revision): boolean {
  return JSON.stringify(one.intent) === JSON.stringify(other.intent);
}

/** The first revision in a row of rollbacks: going back twice goes two back. */
function rootOf(current: Revision, revisions: readonly Revision[]): number {
  let at: Revision = current;
  while (at.origin !== null) {
    const origin = revisions.find(({ generation }) => generation === at.origin);
    if (!origin) return at.origin ?? at.generation;
    at = origin;
  }
  return at.generation;
}

/** Where "roll back" leads: the newest picture that arrived and differs; null where there is none. */
export function rollbackTarget(revisions: readonly Revision[]): Revision | null {
  const current = revisions.find((revision) => revision.current);
  if (!current) return null;
  const root = rootOf(current, revisions);
  const older = revisions
    .filter(({ generation }) => generation < root)
    .sort((one, other) => other.generation - one.generation);
  return (
    older.find(
      (revision) => ARRIVED.has(revision.operation?.state ?? "") && !sameIntent(revision, current),
    ) ?? null
  );
}

/** "a1b2c3d". */
export function shortCommit(commit: string): string {
  return commit.slice(0, 7);
}
