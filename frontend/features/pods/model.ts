import type { Backing, Surrounding } from "../../lib/api/types.ts";

export type Pods = Pick<Backing, "ready" | "known">;

/** Whether versions are pods of a cluster, and not addresses on this machine. */
export function hasPods(surrounding: Surrounding | null): boolean {
  return surrounding === "cluster" || surrounding === "git-only";
}

/** "2 of 2 pods ready"; without the noun, "2 of 2 ready". */
export function podsWords({ ready, known }: Pods, noun = " pods"): string {
  return known === 0 ? "no pods" : `${ready} of ${known}${noun} ready`;
}

/** Whether nobody would answer: traffic sent there fails. */
export function isBare({ ready }: Pods): boolean {
  return ready === 0;
}
