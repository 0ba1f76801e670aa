"use client";

import { useEffect, useState } from "react";

const SETTLE_MS = 250;

/** A text that is passed on once typing pauses, and that follows changes from elsewhere. */
export function useSettled(
  value: string,
  change: (value: string) => void,
): readonly [string, (text: string) => void] {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    // The address changed by other means (back, "clear filters"): follow it.
    setKnown(value);
    setText(value);
  }
  useEffect(() => {
    if (text === value) return;
    const settling = setTimeout(() => {
      setKnown(text);
      change(text);
    }, SETTLE_MS);
    return () => clearTimeout(settling);
  }, [text, value, change]);
  return [text, setText];
}
