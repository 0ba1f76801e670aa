"use client";

import { Box, chakra, Flex, HStack, Spacer, Stack } from "@chakra-ui/react";
import type { ReactNode } from "react";
import { SWRConfig } from "swr";
import { useConnection, useLiveUpdates } from "@/features/events/hooks";
import { Brand } from "./Brand";
import { ColourModeSwitch } from "./ColourModeSwitch";
import { ConnectionDot } from "./ConnectionDot";
import { DemoLoadSwitch } from "./DemoLoadSwitch";
import { Navigation } from "./Navigation";
import { UserName } from "./UserName";

const SkipLink = chakra("a", {
  base: {
    position: "absolute",
    top: "-20",
    left: "2",
    zIndex: "skipNav",
    px: "3",
    py: "2",
    rounded: "l2",
    bg: "accent.solid",
    color: "accent.contrast",
    _focus: { top: "2" },
  },
});

/** A rail at the left; under 768 px a bar at the top, and its foot under the page. */
function Rail() {
  return (
    <Flex
      as="header"
      position="sticky"
      top="0"
      zIndex="docked"
      flexShrink="0"
      direction={{ base: "row", md: "column" }}
      align={{ base: "center", md: "stretch" }}
      w={{ base: "full", md: "208px" }}
      h={{ base: "14", md: "100dvh" }}
      gap={{ base: "1", md: "5" }}
      px="2.5"
      py={{ base: "1", md: "4" }}
      bg="bg.panel"
      borderBottomWidth={{ base: "1px", md: "0" }}
      borderRightWidth={{ base: "0", md: "1px" }}
    >
      <Brand />
      <Navigation />
      <Spacer />
      <Stack gap="3" px="2" hideBelow="md">
        <DemoLoadSwitch />
        <UserName />
      </Stack>
      <HStack justify="space-between" ps={{ base: "1", md: "2" }} gap="1">
        <ConnectionDot />
        <ColourModeSwitch />
      </HStack>
    </Flex>
  );
}

/** While events do not reach us, what is on screen is asked for again and again. */
const ASK_AGAIN_MS = 10_000;

export function Shell({ children }: { children: ReactNode }) {
  useLiveUpdates();
  const refreshInterval = useConnection() === "live" ? 0 : ASK_AGAIN_MS;
  return (
    <Flex direction={{ base: "column", md: "row" }} minH="100dvh">
      <SkipLink href="#main">Skip to the content</SkipLink>
      <Rail />
      <Flex direction="column" flex="1" minW="0">
        <Box
          as="main"
          id="main"
          tabIndex={-1}
          outline="0"
          flex="1"
          w="full"
          maxW="1240px"
          mx="auto"
          px={{ base: "3.5", md: "6", xl: "7" }}
          py={{ base: "4", md: "6" }}
        >
          <SWRConfig value={{ refreshInterval }}>{children}</SWRConfig>
        </Box>
        <HStack
          as="footer"
          justify="space-between"
          gap="4"
          px="3.5"
          py="3"
          borderTopWidth="1px"
          hideFrom="md"
        >
          <UserName />
          <DemoLoadSwitch />
        </HStack>
      </Flex>
    </Flex>
  );
}
