"use client";

import { useState } from "react";
import { useApi } from "@/lib/api/client";
import { useQueryState } from "@/lib/query";
import { PAGE_SIZE, stateNamed } from "./model";

function filtersIn(params: Pick<URLSearchParams, "get">) {
  return {
    state: stateNamed(params.get("state")),
    namespace: params.get("ns"),
    search: params.get("q") ?? "",
    cursor: params.get("cursor"),
    page: Number(params.get("page")) || 1,
  };
}

export type RuleFilters = ReturnType<typeof filtersIn>;

/** What the address said about the list when it was rendered, and how to change it. */
export function useRuleFilters() {
  const { params, change } = useQueryState();
  return { filters: filtersIn(params), change };
}

/** What the address says by now: a quick hand is ahead of what is rendered. */
export function latestFilters(): RuleFilters {
  return filtersIn(new URLSearchParams(window.location.search));
}

/** Every other filter starts at the first page again. */
export const FIRST_PAGE = { cursor: null, page: null };

/**
 * One page of rules. The age tells how old it is when newer ones cannot be had; while another
 * page is on its way, the one before stays, and is not the current one.
 */
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
  return { ...answer, loadedAt, isCurrent: !answer.isLoading && !answer.error };
}

/** The first few rules that differ from what was deployed. */
export function useDriftedRules(wanted: boolean) {
  const query = { state: "drift" as const, limit: 5 };
  return useApi("/api/rules", wanted ? { params: { query } } : null);
}

export function useServices() {
  return useApi("/api/services", {});
}
