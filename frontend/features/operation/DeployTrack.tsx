"use client";

import { Box, Button, Flex, Grid, Stack, Text } from "@chakra-ui/react";
import { ChevronDown, ChevronUp, RotateCw } from "lucide-react";
import { useState } from "react";
import { Ago } from "@/components/ui/Ago";
import { Panel } from "@/components/ui/Panel";
import { Trouble } from "@/components/ui/Trouble";
import { type ApiError, asApiError } from "@/lib/api/problem";
import type { Operation } from "@/lib/api/types";
import { duration } from "@/lib/format";
import { causeOf, elapsedMs, headline, isSettled, trackOf } from "./model";
import { StageAcross, StageDown } from "./StageBox";
import { StageMark } from "./StageMark";

/** From the line behind "saved" down to Git, which goes on side by side with the mesh. */
function Branch({ isTaken }: { isTaken: boolean }) {
  return (
    <Box
      aria-hidden="true"
      position="absolute"
      left="calc(100% / 3 - 34px)"
      w="26px"
      top="10px"
      h="calc(50% + 8px)"
      borderColor={isTaken ? "success.solid" : "border.emphasized"}
      borderLeftWidth="2px"
      borderBottomWidth="2px"
      borderBottomLeftRadius="l3"
    />
  );
}

function Across({ operation }: { operation: Operation }) {
  const { saved, committed, applied, effective } = trackOf(operation);
  return (
    <Grid
      position="relative"
      templateColumns="repeat(3, minmax(0,1fr))"
      templateRows="1fr 1fr"
      rowGap="3"
      hideBelow="md"
    >
      <StageAcross operation={operation} stage={saved} leads />
      <StageAcross operation={operation} stage={applied} leads />
      <StageAcross operation={operation} stage={effective} leads={false} />
      <Branch isTaken={saved.state === "done"} />
      <Box gridColumn="2 / 4">
        <StageAcross operation={operation} stage={committed} leads={false} />
      </Box>
    </Grid>
  );
}

function Down({ operation }: { operation: Operation }) {
  const { saved, committed, applied, effective } = trackOf(operation);
  return (
    <Box hideFrom="md">
      <Stack as="ol" gap="0">
        <StageDown operation={operation} stage={saved} leads />
        <StageDown operation={operation} stage={applied} leads />
        <StageDown operation={operation} stage={effective} leads={false} />
      </Stack>
      <Text fontSize="xs" color="fg.muted" mt="3" mb="2">
        Side by side with that
      </Text>
      <Stack as="ol" gap="0">
        <StageDown operation={operation} stage={committed} leads={false} />
      </Stack>
    </Box>
  );
}

function OneLine({ operation }: { operation: Operation }) {
  const { effective, committed } = trackOf(operation);
  const elapsed = elapsedMs(operation, effective);
  return (
    <Text color="fg.muted" fontSize="13px" minW="0">
      {elapsed !== null && `in ${duration(elapsed)} · `}
      {committed.detail && `${committed.detail} · `}
      <Ago at={operation.endedAt ?? operation.createdAt} /> by {operation.actor}
      {operation.reason && ` · “${operation.reason}”`}
    </Text>
  );
}

function Ending({ operation, retry }: Props) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const again = () => {
    setBusy(true);
    retry()
      .then(
        () => setProblem(null),
        (thrown) => setProblem(asApiError(thrown)),
      )
      .finally(() => setBusy(false));
  };
  if (operation.state !== "failed" && operation.state !== "applied-not-proven") return null;
  return (
    <>
      <Flex mt="4" gap="3" align="center" justify="space-between" wrap="wrap">
        <Text color={operation.state === "failed" ? "fg.error" : "fg.warning"} flex="1">
          {causeOf(operation)}
        </Text>
        {operation.state === "failed" && (
          <Button size="xs" colorPalette="danger" disabled={isBusy} onClick={again}>
            <RotateCw aria-hidden="true" /> Retry
          </Button>
        )}
      </Flex>
      {problem && <Trouble error={problem} mt="3" />}
    </>
  );
}

type Props = { readonly operation: Operation; retry(): Promise<void> };

/** An operation on its way: saved, then side by side committed, and applied until effective. */
export function DeployTrack({ operation, retry }: Props) {
  const settled = isSettled(operation);
  const [wish, setWish] = useState<{ id: string; open: boolean } | null>(null);
  const isOpen = wish?.id === operation.id ? wish.open : !settled;
  const Chevron = isOpen ? ChevronUp : ChevronDown;
  return (
    <Panel aria-label="Deploy" py="3">
      <Flex align="center" gap="3">
        {!isOpen && <StageMark state={operation.state === "superseded" ? "skipped" : "done"} />}
        <Flex flex="1" columnGap="3" align="baseline" wrap="wrap" minW="0">
          <Text fontWeight="semibold">{headline(operation)}</Text>
          {!isOpen && <OneLine operation={operation} />}
        </Flex>
        {settled && (
          <Button
            variant="ghost"
            size="xs"
            aria-expanded={isOpen}
            onClick={() => setWish({ id: operation.id, open: !isOpen })}
          >
            Details <Chevron aria-hidden="true" />
          </Button>
        )}
      </Flex>
      {isOpen && (
        <Box mt="4" aria-live="polite">
          <Across operation={operation} />
          <Down operation={operation} />
          <Ending operation={operation} retry={retry} />
        </Box>
      )}
    </Panel>
  );
}
