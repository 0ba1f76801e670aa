"use client";

import { Box, Input } from "@chakra-ui/react";
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useHotkeys } from "@/lib/hotkeys";

const SETTLE_MS = 200;

type Props = { readonly value: string; change(value: string): void };

/** Searches once typing pauses; "/" goes there. */
export function SearchField({ value, change }: Props) {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  useHotkeys({ "/": () => field.current?.focus() });
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
  return (
    <Box position="relative" flex="1" maxW={{ md: "300px" }} minW="180px">
      <Box position="absolute" left="2.5" top="10px" color="fg.subtle" zIndex="1">
        <Search size={15} aria-hidden="true" />
      </Box>
      <Input
        ref={field}
        type="search"
        ps="8"
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder="Service or namespace"
        aria-label="Search by service or namespace"
        aria-keyshortcuts="/"
      />
    </Box>
  );
}
