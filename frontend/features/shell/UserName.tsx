"use client";

import { HStack, Text } from "@chakra-ui/react";
import { CircleUser } from "lucide-react";
import { useMe } from "./hooks";

export function UserName() {
  const { data: me } = useMe();
  if (!me) return null;
  return (
    <HStack gap="2" color="fg.muted" minW="0" title={`Your changes are signed ${me.name}`}>
      <CircleUser size={14} aria-hidden="true" />
      <Text as="span" fontSize="xs" truncate>
        {me.name}
      </Text>
    </HStack>
  );
}
