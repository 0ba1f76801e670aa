"use client";

import { useHotkeys } from "@/lib/hotkeys";
import { neighbour } from "./model";

const LINKS = "a[data-rule-id]";

function focusedLink(): HTMLElement | null {
  const row = document.activeElement?.closest("li");
  return row?.querySelector<HTMLElement>(LINKS) ?? null;
}

function step(by: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>(LINKS)];
  neighbour(links, focusedLink(), by)?.focus();
}

type Acts = { edit(ruleId: string): void; rollBack(ruleId: string): void };

/** j and k walk through the rows; e and r act on the one in focus; Enter is the link's own. */
export function useRowKeys({ edit, rollBack }: Acts): void {
  const onFocused = (act: (ruleId: string) => void) => () => {
    const ruleId = focusedLink()?.dataset.ruleId;
    if (ruleId) act(ruleId);
  };
  useHotkeys({
    j: () => step(1),
    k: () => step(-1),
    e: onFocused(edit),
    r: onFocused(rollBack),
  });
}
