"use client";

import { Button, Flex, Text } from "@chakra-ui/react";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useRef } from "react";
import { count } from "@/lib/format";
import { FIRST_PAGE, useRuleFilters } from "./hooks";
import { pageRange } from "./model";

type Props = { readonly shown: number; readonly total: number; readonly next: string | null };

/** Where each page was come to from; a keyset page does not know the one before it. */
function useTrail() {
  const trail = useRef(new Map<string, string | null>());
  return {
    cameFrom: (cursor: string) => trail.current.get(cursor),
    note: (cursor: string, from: string | null) => trail.current.set(cursor, from),
  };
}

export function Paging({ shown, total, next }: Props) {
  const { filters, change } = useRuleFilters();
  const trail = useTrail();
  const { cursor, page } = filters;
  if (!cursor && !next) return null;
  const { first, last } = pageRange(page, shown);
  const go = (to: string | null | undefined, toPage: number) => {
    change(to ? { cursor: to, page: String(toPage) } : FIRST_PAGE, "push");
    window.scrollTo({ top: 0 });
  };
  const forward = () => {
    if (!next) return;
    trail.note(next, cursor);
    go(next, page + 1);
  };
  const back = cursor ? trail.cameFrom(cursor) : undefined;
  return (
    <Flex as="nav" aria-label="Pages" justify="space-between" align="center" gap="3" wrap="wrap">
      <Text color="fg.muted" fontSize="13px">
        {count(first)}–{count(last)} of {count(total)}
      </Text>
      <Flex gap="2">
        {cursor && back === undefined ? (
          <Button size="xs" onClick={() => go(null, 1)}>
            First page
          </Button>
        ) : (
          <Button size="xs" disabled={!cursor} onClick={() => go(back, page - 1)}>
            <ChevronLeft aria-hidden="true" /> Previous
          </Button>
        )}
        <Button size="xs" disabled={!next} onClick={forward}>
          Next <ChevronRight aria-hidden="true" />
        </Button>
      </Flex>
    </Flex>
  );
}
