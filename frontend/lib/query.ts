"use client";

import { useCallback } from "react";
import { useParams } from "@/lib/router";

export type QueryPatch = Readonly<Record<string, string | null>>;

/** The query string with some parameters set and others (null or empty) removed. */
export function patched(query: string, patch: QueryPatch): string {
  const params = new URLSearchParams(query);
  for (const [name, value] of Object.entries(patch)) {
    if (value) params.set(name, value);
    else params.delete(name);
  }
  return params.toString();
}

/** The state kept in the address: reading it, and changing it with or without a step in history. */
export function useQueryState() {
  const params = useParams();
  const change = useCallback((patch: QueryPatch, how: "push" | "replace" = "replace") => {
    const query = patched(window.location.search, patch);
    const address = query ? `?${query}` : window.location.pathname;
    if (how === "push") window.history.pushState(null, "", address);
    else window.history.replaceState(null, "", address);
  }, []);
  return { params, change };
}
