"use client";

import { Button, Flex, Heading, Stack, Text } from "@chakra-ui/react";
import { Plus, Split } from "lucide-react";
import { hasPods } from "@/features/pods/model";
import { useSurrounding } from "@/features/shell/hooks";
import { asApiError } from "@/lib/api/problem";
import { useServices } from "./hooks";
import { foundWords } from "./model";

type Props = { create(serviceName: string | null): void };

/** What can be told of the services around; in a cluster there may be many, or none heard yet. */
function Around() {
  const { data, error } = useServices();
  const isInCluster = hasPods(useSurrounding());
  if (error) return <Text color="fg.warning">{asApiError(error).message}</Text>;
  if (!data || !isInCluster) return null;
  return <Text color="fg.muted">{foundWords(data.items)}</Text>;
}

/** Nothing here yet: what a rule is for, and the two ways to begin. */
export function NoRules({ create }: Props) {
  const { data } = useServices();
  const isInCluster = hasPods(useSurrounding());
  const free = isInCluster ? undefined : data?.items.find(({ ruleId }) => ruleId === null);
  return (
    <Stack
      align="center"
      textAlign="center"
      gap="3"
      py="16"
      px="4"
      bg="bg.panel"
      borderWidth="1px"
      rounded="l3"
    >
      <Split size={28} aria-hidden="true" />
      <Heading as="h2" fontSize="md" fontWeight="semibold">
        No rules yet
      </Heading>
      <Text color="fg.muted" maxW="44ch">
        A rule says how the traffic of one service divides among its versions.
      </Text>
      <Around />
      <Flex gap="2" wrap="wrap" justify="center">
        <Button variant="solid" colorPalette="accent" onClick={() => create(null)}>
          <Plus aria-hidden="true" /> Create a rule
        </Button>
        {free && (
          <Button onClick={() => create(free.serviceName)}>Try it with {free.serviceName}</Button>
        )}
      </Flex>
    </Stack>
  );
}

/** There are rules, but none that match. */
export function NoMatch({ clear }: { clear(): void }) {
  return (
    <Stack align="center" gap="3" py="12" bg="bg.panel" borderWidth="1px" rounded="l3">
      <Text color="fg.muted">No rule matches these filters.</Text>
      <Button size="xs" onClick={clear}>
        Clear filters
      </Button>
    </Stack>
  );
}
