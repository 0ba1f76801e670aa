"use client";

import { Badge, Box, chakra, Text } from "@chakra-ui/react";
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { Ago } from "@/components/ui/Ago";
import type { AuditEntry } from "@/lib/api/types";
import { EntryDetails } from "./EntryDetails";
import { actionWords, toneOf } from "./model";

/** Entries about everything, or about one rule, whose name need not be repeated. */
export type Scope = "everything" | "rule";

/** One grid for the row and the names of its columns. */
export const COLUMNS: Record<Scope, string> = {
  everything: "84px minmax(80px,120px) 168px minmax(120px,1fr) minmax(0,2.4fr) 16px",
  rule: "84px minmax(80px,120px) 168px minmax(0,1fr) 16px",
};

const Opener = chakra("button", {
  base: {
    display: "grid",
    columnGap: "3",
    rowGap: "1",
    alignItems: "center",
    w: "full",
    px: "4",
    py: { base: "3", md: "2" },
    minH: "9",
    textAlign: "start",
    cursor: "pointer",
    focusVisibleRing: "inside",
    _hover: { bg: "bg.subtle" },
    "& > :last-child": { transition: "transform 150ms" },
    "&[aria-expanded=true] > :last-child": { transform: "rotate(90deg)" },
  },
  variants: {
    scope: {
      everything: {
        gridTemplateColumns: { base: "minmax(0,1fr) auto", md: COLUMNS.everything },
        gridTemplateAreas: {
          base: `"action when" "service service" "summary summary" "who chevron"`,
          md: `"when who action service summary chevron"`,
        },
      },
      rule: {
        gridTemplateColumns: { base: "minmax(0,1fr) auto", md: COLUMNS.rule },
        gridTemplateAreas: {
          base: `"action when" "summary summary" "who chevron"`,
          md: `"when who action summary chevron"`,
        },
      },
    },
  },
});

/** An entry on one line; opened, it shows what was before and after. */
export function AuditRow({ entry, scope }: { entry: AuditEntry; scope: Scope }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Box as="li" borderTopWidth="1px">
      <Opener type="button" scope={scope} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Text
          gridArea="when"
          fontSize="xs"
          color="fg.muted"
          textAlign={{ base: "end", md: "start" }}
        >
          <Ago at={entry.at} />
        </Text>
        <Text
          gridArea="who"
          truncate
          fontSize={{ base: "xs", md: "sm" }}
          color={{ base: "fg.muted", md: "fg" }}
        >
          {entry.actor}
        </Text>
        <Box gridArea="action" minW="0">
          <Badge colorPalette={toneOf(entry.action)} rounded="full" px="2">
            {actionWords(entry.action)}
          </Badge>
        </Box>
        {scope === "everything" && (
          <Text gridArea="service" truncate fontWeight="medium">
            {entry.serviceName}
          </Text>
        )}
        <Text gridArea="summary" color="fg.muted" truncate={!isOpen}>
          {entry.summary}
        </Text>
        <Box gridArea="chevron" justifySelf="end" color="fg.subtle">
          <ChevronRight size={14} aria-hidden="true" />
        </Box>
      </Opener>
      {isOpen && (
        <Box px="4" pb="4" pt="1">
          <EntryDetails entry={entry} />
        </Box>
      )}
    </Box>
  );
}
