"use client";

import { Box, chakra, Flex, Text } from "@chakra-ui/react";
import { memo } from "react";
import { Ago } from "@/components/ui/Ago";
import { LiveErrors, LiveRate, LiveSplit } from "@/features/traffic/LiveCells";
import type { RuleRow as Row } from "@/lib/api/types";
import { Link } from "@/lib/router";
import { gitBehind, wantedSplit } from "./model";
import { GitBehindBadge, StateBadge } from "./StateBadge";

/** One grid for the row and the names of its columns. */
export const COLUMNS = {
  base: "minmax(0,1fr) auto",
  lg: "minmax(0,3fr) minmax(0,4fr) 104px 76px 168px",
};

const RowBox = chakra("li", {
  base: {
    position: "relative",
    display: "grid",
    alignItems: "center",
    columnGap: "5",
    rowGap: "2.5",
    px: "4",
    py: "3",
    minH: { lg: "65px" },
    borderTopWidth: "1px",
    contentVisibility: "auto",
    containIntrinsicSize: { base: "auto 100px", lg: "auto 65px" },
    _hover: { bg: "bg.subtle" },
  },
});

/** The name is the link; its area is stretched over the row. */
const NameLink = chakra(Link, {
  base: {
    display: "block",
    truncate: true,
    fontWeight: "medium",
    outline: "0",
    _after: { content: '""', position: "absolute", inset: "0" },
    _focusVisible: {
      _after: {
        outline: "2px solid",
        outlineColor: "accent.focusRing",
        outlineOffset: "-2px",
        rounded: "l2",
      },
    },
  },
});

function Identity({ row }: { row: Row }) {
  return (
    <Box minW="0">
      <NameLink href={`/rule/?id=${row.id}`} prefetch={false} data-rule-id={row.id}>
        {row.serviceName}
      </NameLink>
      <Text fontSize="xs" color="fg.muted" truncate>
        {row.namespace}
        {row.generation !== null && ` · rev ${row.generation}`}
        {" · "}
        <Ago at={row.deployedAt ?? row.updatedAt} />
      </Text>
    </Box>
  );
}

function Badges({ row }: { row: Row }) {
  const behind = gitBehind(row);
  return (
    <Flex gap="1.5" justify="flex-end" wrap="wrap" order={{ base: 0, lg: 1 }}>
      {behind && <GitBehindBadge why={behind.error} />}
      <StateBadge state={row.state} />
    </Flex>
  );
}

export const RuleRow = memo(function RuleRow({ row }: { row: Row }) {
  return (
    <RowBox gridTemplateColumns={COLUMNS}>
      <Identity row={row} />
      <Badges row={row} />
      <Box gridColumn={{ base: "1 / -1", lg: "auto" }} minW="0">
        <LiveSplit ruleId={row.id} wanted={wantedSplit(row)} />
      </Box>
      <Box hideBelow="lg">
        <LiveRate ruleId={row.id} />
      </Box>
      <Box hideBelow="lg">
        <LiveErrors ruleId={row.id} />
      </Box>
    </RowBox>
  );
});
