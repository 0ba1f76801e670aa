"use client";

import { Box, Button, HStack, Text } from "@chakra-ui/react";
import { TriangleAlert } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useHealth } from "@/features/connections/hooks";
import { troubleWords } from "@/features/connections/model";
import { useConnection } from "@/features/events/hooks";
import type { Connection } from "@/features/events/model";

const ConnectionsDialog = lazy(() =>
  import("@/features/connections/ConnectionsDialog").then((module) => ({
    default: module.ConnectionsDialog,
  })),
);

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

/** Whether changes reach this page, and the way to everything else that is connected. */
export function ConnectionDot() {
  const { color, word, meaning } = looks[useConnection()];
  const { data } = useHealth();
  const [isOpen, setOpen] = useState(false);
  const trouble = troubleWords(data?.checks ?? []);
  return (
    <HStack role="status" data-testid="connection">
      <Button
        variant="ghost"
        size="xs"
        px="1.5"
        ms="-1.5"
        gap="2"
        title={trouble ?? meaning}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <Box w="2" h="2" rounded="full" bg={color} />
        <Text as="span" fontSize="xs" fontWeight="normal" color="fg.muted">
          {word}
        </Text>
        {trouble && (
          <Box as="span" color="fg.warning">
            <TriangleAlert size={13} aria-label={trouble} />
          </Box>
        )}
      </Button>
      {isOpen && (
        <Suspense>
          <ConnectionsDialog stream={meaning} close={() => setOpen(false)} />
        </Suspense>
      )}
    </HStack>
  );
}
