"use client";

import { answered, client, useApi, useRevalidate } from "@/lib/api/client";
import type { Surrounding } from "@/lib/api/types";

export function useMe() {
  return useApi("/api/me", {});
}

/** Where traffic is divided; null until it is known. */
export function useSurrounding(): Surrounding | null {
  return useMe().data?.surrounding ?? null;
}

/** Switches the demo traffic on or off. */
export function useDemoLoad() {
  const revalidate = useRevalidate();
  return async (running: boolean, rate: number) => {
    await answered(client.PUT("/api/demo-load", { body: { running, rate } }));
    await revalidate(["/api/me"]);
  };
}
