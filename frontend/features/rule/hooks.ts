"use client";

import { answered, client, useApi, useRevalidate } from "@/lib/api/client";
import { unlessLeaving, whileLeaving } from "./leaving";

export function useRule(ruleId: string | null) {
  const init = ruleId === null ? null : { params: { path: { rule_id: ruleId } } };
  return useApi("/api/rules/{rule_id}", init, unlessLeaving(ruleId));
}

/** Brings everything about a rule up to date after an act of ours. */
function useRefreshRule(ruleId: string): () => void {
  const revalidate = useRevalidate();
  const about = { params: { path: { rule_id: ruleId } } };
  return () => {
    void revalidate(["/api/rules"]);
    void revalidate(["/api/rules/{rule_id}", about]);
    void revalidate(["/api/rules/{rule_id}/revisions", about]);
    void revalidate(["/api/rules/{rule_id}/drift", about]);
  };
}

const noReason = { reason: null };

/** What can be done to a rule as it is. */
export function useRuleActs(ruleId: string) {
  const refresh = useRefreshRule(ruleId);
  const params = { path: { rule_id: ruleId }, header: { prefer: "wait=1" } };
  return {
    rollBack: async (generation: number) => {
      const body = { generation, reason: null };
      await answered(client.POST("/api/rules/{rule_id}/rollback", { params, body }));
      refresh();
    },
    repair: async () => {
      await answered(client.POST("/api/rules/{rule_id}/repair", { params, body: noReason }));
      refresh();
    },
    retry: async (operationId: string) => {
      const path = { operation_id: operationId };
      await answered(client.POST("/api/operations/{operation_id}/retry", { params: { path } }));
      refresh();
    },
    remove: async (edition: number, mode: "remove" | "release") => {
      const header = { "If-Match": `"${edition}"` };
      const path = { rule_id: ruleId };
      const query = { mode };
      const call = () => client.DELETE("/api/rules/{rule_id}", { params: { path, header, query } });
      await whileLeaving(ruleId, async () => void (await call()));
      refresh();
    },
  };
}
