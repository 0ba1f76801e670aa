"use client";

import { Box, HStack, Switch, Text } from "@chakra-ui/react";
import { useState } from "react";
import { asApiError } from "@/lib/api/problem";
import { useDemoLoad, useMe } from "./hooks";

/** Enough to see the split settle within seconds. */
const RATE_PER_S = 50;

/** Traffic for the sample services, where this installation runs them. */
export function DemoLoadSwitch() {
  const { data: me } = useMe();
  const change = useDemoLoad();
  const [trouble, setTrouble] = useState<string | null>(null);
  const load = me?.demoLoad;
  if (!load?.available) return null;
  const turn = (running: boolean) =>
    change(running, load.rate || RATE_PER_S).then(
      () => setTrouble(null),
      (thrown) => setTrouble(asApiError(thrown).message),
    );
  return (
    <Box>
      <Switch.Root
        size="sm"
        colorPalette="accent"
        checked={load.running}
        onCheckedChange={({ checked }) => turn(checked)}
        display="flex"
        justifyContent="space-between"
        minH="6"
      >
        <Switch.HiddenInput />
        <Switch.Label fontSize="xs" fontWeight="normal" color="fg.muted" lineHeight="short">
          <HStack gap="1.5">
            Demo traffic
            <Text as="span" color="fg.subtle">
              {load.rate || RATE_PER_S}/s
            </Text>
          </HStack>
        </Switch.Label>
        <Switch.Control>
          <Switch.Thumb />
        </Switch.Control>
      </Switch.Root>
      {trouble && (
        <Text fontSize="xs" color="fg.error" role="alert">
          {trouble}
        </Text>
      )}
    </Box>
  );
}
