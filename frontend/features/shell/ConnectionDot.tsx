"use client";

import { Box, HStack, Text } from "@chakra-ui/react";
import { useConnection } from "@/features/events/hooks";
import type { Connection } from "@/features/events/model";

const looks: Record<Connection, { color: string; word: string; meaning: string }> = {
  connecting: { color: "fg.subtle", word: "Connecting", meaning: "Opening the event stream" },
  live: { color: "success.solid", word: "Live", meaning: "Changes appear here as they happen" },
  reconnecting: {
    color: "warning.solid",
    word: "Reconnecting",
    meaning: "The event stream broke off; trying again",
  },
  offline: {
    color: "danger.solid",
    word: "Offline",
    meaning: "Crossfade does not answer; traffic in the mesh is unaffected",
  },
};

export function ConnectionDot() {
  const { color, word, meaning } = looks[useConnection()];
  return (
    <HStack gap="2" role="status" title={meaning} data-testid="connection">
      <Box w="2" h="2" rounded="full" bg={color} />
      <Text as="span" fontSize="xs" color="fg.muted">
        {word}
      </Text>
    </HStack>
  );
}
