import { Box, Flex, Text } from "@chakra-ui/react";
import { useSurrounding } from "@/features/shell/hooks";
import type { Operation, Stage } from "@/lib/api/types";
import { duration, exact } from "@/lib/format";
import { elapsedMs, type Mark, markOf, stageName } from "./model";
import { StageMark } from "./StageMark";

type Props = { readonly operation: Operation; readonly stage: Stage };

const colors: Partial<Record<Mark, string>> = { failed: "fg.error", unproven: "fg.warning" };

function StageText({ operation, stage }: Props) {
  const elapsed = elapsedMs(operation, stage);
  const color = colors[markOf(operation, stage)];
  const name = stageName(operation, stage, useSurrounding());
  return (
    <Box minW="0">
      <Text fontWeight="medium" color={color ?? "fg"}>
        {name}
        {elapsed !== null && elapsed > 0 && (
          <Text
            as="span"
            fontWeight="normal"
            color="fg.muted"
            title={stage.at ? exact(stage.at) : undefined}
          >
            {" · "}
            {duration(elapsed)}
          </Text>
        )}
      </Text>
      <Text fontSize="xs" color={color ?? "fg.muted"} overflowWrap="anywhere" minH="4">
        {stage.detail}
      </Text>
    </Box>
  );
}

/** A stage with its line to the next one: from left to right. */
export function StageAcross({ operation, stage, leads }: Props & { leads: boolean }) {
  const isDone = stage.state === "done";
  return (
    <Box flex="1" minW="0" pe={leads ? "0" : "2"}>
      <Flex align="center" mb="1.5">
        <StageMark state={markOf(operation, stage)} />
        {leads && (
          <Box flex="1" h="2px" bg={isDone ? "success.solid" : "border.emphasized"} mx="2" />
        )}
      </Flex>
      <Box pe={leads ? "8" : "2"}>
        <StageText operation={operation} stage={stage} />
      </Box>
    </Box>
  );
}

/** The same from top to bottom, for narrow screens. */
export function StageDown({ operation, stage, leads }: Props & { leads: boolean }) {
  const isDone = stage.state === "done";
  return (
    <Flex as="li" gap="3" pb={leads ? "3" : "0"} position="relative">
      {leads && (
        <Box
          position="absolute"
          left="10px"
          top="22px"
          bottom="0"
          w="2px"
          bg={isDone ? "success.solid" : "border.emphasized"}
        />
      )}
      <StageMark state={markOf(operation, stage)} />
      <StageText operation={operation} stage={stage} />
    </Flex>
  );
}
