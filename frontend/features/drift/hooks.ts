"use client";

import { useApi } from "@/lib/api/client";

export function useDrift(ruleId: string) {
  return useApi("/api/rules/{rule_id}/drift", { params: { path: { rule_id: ruleId } } });
}
