"use client";

import { useSyncExternalStore } from "react";

type ColourMode = "light" | "dark";

const listeners = new Set<() => void>();

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function current(): ColourMode {
  return document.documentElement.classList.contains("dark") ? "dark" : "light";
}

/** Shows the page in this mode and remembers it for the next visit (see public/theme.js). */
function show(mode: ColourMode): void {
  const root = document.documentElement;
  root.classList.toggle("dark", mode === "dark");
  root.style.colorScheme = mode;
  localStorage.setItem("colour-mode", mode);
  for (const listener of listeners) listener();
}

/** The colour mode on screen, and the step to the other one. */
export function useColourMode(): { mode: ColourMode; toggle(): void } {
  const mode = useSyncExternalStore(subscribe, current, () => "light" as const);
  return { mode, toggle: () => show(mode === "dark" ? "light" : "dark") };
}
