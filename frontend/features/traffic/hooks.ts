"use client";

import { useCallback, useEffect, useSyncExternalStore } from "react";
import { answered, client } from "@/lib/api/client";
import type { RuleMetrics } from "@/lib/api/types";
import { publish, sampleOf, subscribeTo } from "./store";

const RETRY_MS = 5_000;

/** Asks again and again, while the tab is visible, until the returned function is called. */
function poll(ids: readonly string[], everyMs: number): () => void {
  const stopping = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ask = async () => {
    const query = { id: [...ids] };
    const call = client.GET("/api/samples", { params: { query }, signal: stopping.signal });
    const waitMs = await answered(call).then(
      ({ items }) => {
        publish(items);
        return everyMs;
      },
      () => RETRY_MS,
    );
    if (!stopping.signal.aborted) timer = setTimeout(ask, waitMs);
  };
  void ask();
  return () => {
    stopping.abort();
    clearTimeout(timer);
  };
}

/** Keeps the samples of these rules fresh while the tab is visible. */
export function usePolledSamples(ruleIds: readonly string[], everyMs: number): void {
  const joined = ruleIds.join(" ");
  useEffect(() => {
    if (joined === "") return;
    let stop: (() => void) | undefined;
    const follow = () => {
      stop?.();
      stop = document.visibilityState === "visible" ? poll(joined.split(" "), everyMs) : undefined;
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      stop?.();
    };
  }, [joined, everyMs]);
}

/** The newest sample of a rule; null before the first. */
export function useSample(ruleId: string): RuleMetrics | null {
  const subscribe = useCallback((tell: () => void) => subscribeTo(ruleId, tell), [ruleId]);
  return useSyncExternalStore(
    subscribe,
    () => sampleOf(ruleId),
    () => null,
  );
}
