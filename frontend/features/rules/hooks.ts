"use client";

import { useState } from "react";
import { useApi } from "@/lib/api/client";
import { useQueryState } from "@/lib/query";
import { PAGE_SIZE, stateNamed } from "./model";

/** What the address says about the list, and how to change it. */
export function useRuleFilters() {
  const { params, change } = useQueryState();
  const filters = {
    state: stateNamed(params.get("state")),
    namespace: params.get("ns"),
    search: params.get("q") ?? "",
    cursor: params.get("cursor"),
    page: Number(params.get("page")) || 1,
  };
  return { filters, change };
}

export type RuleFilters = ReturnType<typeof useRuleFilters>["filters"];

/** Every other filter starts at the first page again. */
export const FIRST_PAGE = { cursor: null, page: null };

/** One page of rules; the age tells how old it is when newer ones cannot be had. */
export function useRules(filters: RuleFilters) {
  const [loadedAt, setLoadedAt] = useState<string | null>(null);
  const query = {
    limit: PAGE_SIZE,
    ...(filters.state && { state: filters.state }),
    ...(filters.namespace && { namespace: filters.namespace }),
    ...(filters.search && { q: filters.search }),
    ...(filters.cursor && { cursor: filters.cursor }),
  };
  const noteAge = () => setLoadedAt(new Date().toISOString());
  const answer = useApi("/api/rules", { params: { query } }, { onSuccess: noteAge });
  return { ...answer, loadedAt };
}

/** The first few rules that differ from what was deployed. */
export function useDriftedRules(wanted: boolean) {
  const query = { state: "drift" as const, limit: 5 };
  return useApi("/api/rules", wanted ? { params: { query } } : null);
}

export function useServices() {
  return useApi("/api/services", {});
}
