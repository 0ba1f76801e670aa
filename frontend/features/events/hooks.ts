"use client";

import { useEffect, useSyncExternalStore } from "react";
import { useSWRConfig } from "swr";
import { useRevalidate } from "@/lib/api/client";
import type { ServerEvent } from "@/lib/api/types";
import { type Connection, type Outdated, outdatedByAll, type Stale } from "./model";
import { hearEvents } from "./stream";

const GATHER_MS = 100;

const listeners = new Set<() => void>();
let connection: Connection = "connecting";

function setConnection(next: Connection) {
  connection = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether changes reach this page as they happen. */
export function useConnection(): Connection {
  return useSyncExternalStore(
    subscribe,
    () => connection,
    () => "connecting",
  );
}

/** Passes on what comes within a short while in one go. */
function gathering(pass: (events: readonly ServerEvent[]) => void) {
  let waiting: ServerEvent[] = [];
  return (event: ServerEvent) => {
    waiting.push(event);
    if (waiting.length > 1) return;
    setTimeout(() => {
      const events = waiting;
      waiting = [];
      pass(events);
    }, GATHER_MS);
  };
}

/** Lets the event stream refresh what is on screen. Events carry no data: they only revalidate. */
export function useLiveUpdates(): void {
  const revalidate = useRevalidate();
  const { mutate } = useSWRConfig();
  useEffect(() => {
    const refresh = (stale: Stale) => {
      if (!("ruleId" in stale)) return revalidate([stale.path]);
      return revalidate([stale.path, { params: { path: { rule_id: stale.ruleId } } }]);
    };
    const refreshAll = (outdated: Outdated) => {
      if (outdated === "everything") return void mutate(() => true);
      for (const stale of outdated) void refresh(stale);
    };
    return hearEvents({
      connection: setConnection,
      event: gathering((events) => refreshAll(outdatedByAll(events))),
      opened: () => refreshAll("everything"),
    });
  }, [revalidate, mutate]);
}
