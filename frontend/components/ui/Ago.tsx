"use client";

import { useNow } from "@/lib/clock";
import { ago, exact } from "@/lib/format";

/** How long ago something was, with the exact time on hover. */
export function Ago({ at }: { at: string }) {
  return (
    <time dateTime={at} title={exact(at)}>
      {ago(at, useNow())}
    </time>
  );
}
