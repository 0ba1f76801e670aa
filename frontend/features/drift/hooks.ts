"use client";

import { unlessLeaving } from "@/features/rule/leaving";
import { useApi } from "@/lib/api/client";

export function useDrift(ruleId: string) {
  const init = { params: { path: { rule_id: ruleId } } };
  return useApi("/api/rules/{rule_id}/drift", init, unlessLeaving(ruleId));
}
