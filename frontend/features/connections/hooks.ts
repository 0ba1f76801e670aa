"use client";

import { useApi } from "@/lib/api/client";

/** How everything is that this installation stands on. */
export function useHealth() {
  return useApi("/health", {});
}
