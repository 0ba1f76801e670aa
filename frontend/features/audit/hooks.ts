"use client";

import { answered, client, useApi } from "@/lib/api/client";
import type { AuditEntry } from "@/lib/api/types";
import { useQueryState } from "@/lib/query";
import { dayBoundary } from "./model";

const PAGE = 50;
const EXPORT_PAGE = 500;
// A page that keeps pointing on must not keep a browser busy for ever.
const MOST_PAGES = 1_000;

/** What the address says about the audit, and how to change it. */
export function useAuditFilters() {
  const { params, change } = useQueryState();
  const filters = {
    actor: params.get("actor") ?? "",
    action: params.get("action") ?? "",
    service: params.get("service") ?? "",
    from: params.get("from") ?? "",
    to: params.get("to") ?? "",
    before: Number(params.get("before")) || null,
  };
  return { filters, change };
}

export type AuditFilters = ReturnType<typeof useAuditFilters>["filters"];

function queryOf({ actor, action, service, from, to, before }: AuditFilters) {
  const since = dayBoundary(from, "start");
  const until = dayBoundary(to, "end");
  return {
    ...(actor && { actor }),
    ...(action && { action }),
    ...(service && { service }),
    ...(since && { since }),
    ...(until && { until }),
    ...(before && { before }),
  };
}

export function useAudit(filters: AuditFilters) {
  return useApi("/api/audit", { params: { query: { ...queryOf(filters), limit: PAGE } } });
}

/** The newest entries about one rule. */
export function useRuleAudit(namespace: string, service: string) {
  return useApi("/api/audit", { params: { query: { namespace, service, limit: PAGE } } });
}

function pageBefore(filters: AuditFilters, before: number | null) {
  const query = { ...queryOf({ ...filters, before }), limit: EXPORT_PAGE };
  return answered(client.GET("/api/audit", { params: { query } }));
}

/** Every entry that the filters let through, however many pages that takes. */
export async function allEntries(filters: AuditFilters): Promise<readonly AuditEntry[]> {
  let page = await pageBefore(filters, null);
  const entries = [...page.items];
  for (let pages = 1; page.next !== null && pages < MOST_PAGES; pages++) {
    page = await pageBefore(filters, page.next);
    entries.push(...page.items);
  }
  return entries;
}

export function verifyChain() {
  return answered(client.GET("/api/audit/verify"));
}
