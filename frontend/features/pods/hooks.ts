"use client";

import { unlessLeaving } from "@/features/rule/leaving";
import { useSurrounding } from "@/features/shell/hooks";
import { useApi } from "@/lib/api/client";
import { hasPods, type Pods } from "./model";

/** Pods come and go without a word to us. */
export const LOOK_AGAIN_MS = 5_000;

/** The pods behind a version of a rule, by the version's name; null where nobody counts. */
export function usePods(ruleId: string): (version: string) => Pods | null {
  const isCounted = hasPods(useSurrounding());
  const init = isCounted ? { params: { path: { rule_id: ruleId } } } : null;
  const often = { refreshInterval: LOOK_AGAIN_MS, ...unlessLeaving(ruleId) };
  const { data } = useApi("/api/rules/{rule_id}/backing", init, often);
  return (version) => data?.items.find(({ name }) => name === version) ?? null;
}
