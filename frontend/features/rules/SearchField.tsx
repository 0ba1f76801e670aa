"use client";

import { Box, Input } from "@chakra-ui/react";
import { Search } from "lucide-react";
import { useRef } from "react";
import { useHotkeys } from "@/lib/hotkeys";
import { useSettled } from "@/lib/settled";

type Props = { readonly value: string; change(value: string): void };

/** Searches once typing pauses; "/" goes there. */
export function SearchField({ value, change }: Props) {
  const [text, setText] = useSettled(value, change);
  const field = useRef<HTMLInputElement>(null);
  useHotkeys({ "/": () => field.current?.focus() });
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
