"use client";

import { unlessLeaving } from "@/features/rule/leaving";
import { useApi } from "@/lib/api/client";

const LIMIT = 50;

/** The newest revisions of a rule; with `before`, older ones. */
export function useRevisions(ruleId: string, before: number | null = null) {
  const query = { limit: LIMIT, ...(before !== null && { before }) };
  const init = { params: { path: { rule_id: ruleId }, query } };
  return useApi("/api/rules/{rule_id}/revisions", init, unlessLeaving(ruleId));
}

/** One revision with its documents. */
export function useRevision(ruleId: string, generation: number | null) {
  return useApi(
    "/api/rules/{rule_id}/revisions/{generation}",
    generation === null ? null : { params: { path: { rule_id: ruleId, generation } } },
  );
}
