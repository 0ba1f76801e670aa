"use client";

import { answered, client, useApi, useRevalidate } from "@/lib/api/client";

export function useMe() {
  return useApi("/api/me", {});
}

/** Switches the demo traffic on or off. */
export function useDemoLoad() {
  const revalidate = useRevalidate();
  return async (running: boolean, rate: number) => {
    await answered(client.PUT("/api/demo-load", { body: { running, rate } }));
    await revalidate(["/api/me"]);
  };
}
