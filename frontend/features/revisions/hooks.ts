"use client";

import { useApi } from "@/lib/api/client";

const LIMIT = 50;

/** The newest revisions of a rule; with `before`, older ones. */
export function useRevisions(ruleId: string, before: number | null = null) {
  const query = { limit: LIMIT, ...(before !== null && { before }) };
  return useApi("/api/rules/{rule_id}/revisions", {
    params: { path: { rule_id: ruleId }, query },
  });
}

/** One revision with its documents. */
export function useRevision(ruleId: string, generation: number | null) {
  return useApi(
    "/api/rules/{rule_id}/revisions/{generation}",
    generation === null ? null : { params: { path: { rule_id: ruleId, generation } } },
  );
}
