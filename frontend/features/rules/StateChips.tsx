"use client";

import { chakra, Flex, Text } from "@chakra-ui/react";
import type { RuleState } from "@/lib/api/types";
import { count } from "@/lib/format";
import { type Counts, filterStates, totalOf } from "./model";
import { stateLooks } from "./states";

const Chip = chakra("button", {
  base: {
    display: "inline-flex",
    alignItems: "center",
    gap: "1.5",
    h: "7",
    px: "2.5",
    rounded: "full",
    borderWidth: "1px",
    fontSize: "xs",
    fontWeight: "medium",
    color: "fg.muted",
    bg: "bg.panel",
    cursor: "pointer",
    focusVisibleRing: "outside",
    _hover: { color: "fg", borderColor: "border.emphasized" },
    "&[aria-pressed=true]": { bg: "fg", color: "bg.panel", borderColor: "fg" },
  },
});

type Props = {
  readonly counts: Counts;
  readonly chosen: RuleState | null;
  choose(state: RuleState | null): void;
};

/** How many rules are in which state; pressing one shows only those. */
export function StateChips({ counts, chosen, choose }: Props) {
  const entries = filterStates(counts, chosen).map((state) => ({
    state,
    word: stateLooks[state].word,
    amount: counts[state] ?? 0,
  }));
  return (
    <Flex as="fieldset" gap="1.5" wrap="wrap" aria-label="Filter by state">
      <Chip type="button" aria-pressed={chosen === null} onClick={() => choose(null)}>
        All <Text as="span">{count(totalOf(counts))}</Text>
      </Chip>
      {entries.map(({ state, word, amount }) => (
        <Chip
          key={state}
          type="button"
          aria-pressed={state === chosen}
          onClick={() => choose(state === chosen ? null : state)}
        >
          {word} <Text as="span">{count(amount)}</Text>
        </Chip>
      ))}
    </Flex>
  );
}
