"use client";

import { Button, Flex, Text } from "@chakra-ui/react";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useRef } from "react";
import { count } from "@/lib/format";
import { FIRST_PAGE, latestFilters, useRuleFilters } from "./hooks";
import { pageRange } from "./model";

type Props = {
  readonly shown: number;
  readonly total: number;
  readonly next: string | null;
  /** What is shown is the page that the address names; another one leads elsewhere. */
  readonly isCurrent: boolean;
};

/** Where each page was come to from; a keyset page does not know the one before it. */
function useTrail() {
  const trail = useRef(new Map<string, string | null>());
  return {
    cameFrom: (cursor: string) => trail.current.get(cursor),
    note: (cursor: string, from: string | null) => trail.current.set(cursor, from),
  };
}

export function Paging({ shown, total, next, isCurrent }: Props) {
  const { filters, change } = useRuleFilters();
  const trail = useTrail();
  const { cursor } = filters;
  if (!cursor && !next) return null;
  const { first, last } = pageRange(filters.page, shown);
  const go = (to: string | null | undefined, toPage: number) => {
    change(to ? { cursor: to, page: String(toPage) } : FIRST_PAGE, "push");
    window.scrollTo({ top: 0 });
  };
  const forward = () => {
    const now = latestFilters();
    if (!next || !isCurrent || now.cursor !== cursor) return;
    trail.note(next, cursor);
    go(next, now.page + 1);
  };
  const back = () => {
    const now = latestFilters();
    if (now.cursor) go(trail.cameFrom(now.cursor), now.page - 1);
  };
  return (
    <Flex as="nav" aria-label="Pages" justify="space-between" align="center" gap="3" wrap="wrap">
      <Text color="fg.muted" fontSize="13px">
        {count(first)}–{count(last)} of {count(total)}
      </Text>
      <Flex gap="2">
        {cursor && trail.cameFrom(cursor) === undefined ? (
          <Button size="xs" onClick={() => go(null, 1)}>
            First page
          </Button>
        ) : (
          <Button size="xs" disabled={!cursor} onClick={back}>
            <ChevronLeft aria-hidden="true" /> Previous
          </Button>
        )}
        <Button size="xs" disabled={!next} aria-disabled={!isCurrent} onClick={forward}>
          Next <ChevronRight aria-hidden="true" />
        </Button>
      </Flex>
    </Flex>
  );
}
