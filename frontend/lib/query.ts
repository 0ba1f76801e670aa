"use client";

import { useCallback } from "react";
import { patched, type QueryPatch } from "./patched";
import { useParams } from "./router";

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
