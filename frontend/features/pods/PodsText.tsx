import { Text } from "@chakra-ui/react";
import { isBare, type Pods, podsWords } from "./model";

/** How many pods stand behind a version; where none is ready, in the colour of a warning. */
export function PodsText({ pods }: { pods: Pods | null }) {
  if (!pods) return null;
  return (
    <Text as="span" fontSize="xs" color={isBare(pods) ? "fg.warning" : "fg.muted"}>
      {podsWords(pods)}
    </Text>
  );
}
