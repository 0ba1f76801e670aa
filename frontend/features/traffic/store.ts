import type { RuleMetrics } from "@/lib/api/types";

// Samples stay out of the request cache: writing them there can lose the answer of a first load.
const samples = new Map<string, RuleMetrics>();
const listeners = new Map<string, Set<() => void>>();

export function sampleOf(ruleId: string): RuleMetrics | null {
  return samples.get(ruleId) ?? null;
}

export function subscribeTo(ruleId: string, listener: () => void): () => void {
  const own = listeners.get(ruleId) ?? new Set();
  listeners.set(ruleId, own.add(listener));
  return () => {
    own.delete(listener);
    if (own.size === 0) listeners.delete(ruleId);
  };
}

/** Stores what came and tells those who look at it, once per frame. */
export function publish(items: Readonly<Record<string, RuleMetrics>>): void {
  for (const [ruleId, sample] of Object.entries(items)) samples.set(ruleId, sample);
  requestAnimationFrame(() => {
    for (const ruleId of Object.keys(items)) {
      for (const tell of listeners.get(ruleId) ?? []) tell();
    }
  });
}
