"use client";

import { Box, Grid, Stack, Text } from "@chakra-ui/react";
import { useSurrounding } from "@/features/shell/hooks";
import type { Operation, Stage } from "@/lib/api/types";
import { trackOf } from "./model";
import { StageAcross, StageDown } from "./StageBox";

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

type Props = { readonly operation: Operation };
type LineProps = Props & { readonly stages: readonly Stage[] };

function ForkAcross({ operation }: Props) {
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

function LineAcross({ operation, stages }: LineProps) {
  return (
    <Grid templateColumns={`repeat(${stages.length}, minmax(0,1fr))`} hideBelow="md">
      {stages.map((stage, at) => (
        <StageAcross
          key={stage.name}
          operation={operation}
          stage={stage}
          leads={at < stages.length - 1}
        />
      ))}
    </Grid>
  );
}

function LineDown({ operation, stages }: LineProps) {
  return (
    <Stack as="ol" gap="0">
      {stages.map((stage, at) => (
        <StageDown
          key={stage.name}
          operation={operation}
          stage={stage}
          leads={at < stages.length - 1}
        />
      ))}
    </Stack>
  );
}

function ForkDown({ operation }: Props) {
  const { saved, committed, applied, effective } = trackOf(operation);
  return (
    <>
      <LineDown operation={operation} stages={[saved, applied, effective]} />
      <Text fontSize="xs" color="fg.muted" mt="3" mb="2">
        Side by side with that
      </Text>
      <LineDown operation={operation} stages={[committed]} />
    </>
  );
}

/** The way of an operation: through Git to the mesh, or to both side by side. */
export function Stages({ operation }: Props) {
  const isThroughGit = useSurrounding() === "git-only";
  const { saved, committed, applied, effective } = trackOf(operation);
  const line = [saved, committed, applied, effective];
  return (
    <>
      {isThroughGit ? (
        <LineAcross operation={operation} stages={line} />
      ) : (
        <ForkAcross operation={operation} />
      )}
      <Box hideFrom="md">
        {isThroughGit ? (
          <LineDown operation={operation} stages={line} />
        ) : (
          <ForkDown operation={operation} />
        )}
      </Box>
    </>
  );
}
