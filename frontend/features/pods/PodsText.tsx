import { Text } from "@chakra-ui/react";
import { isBare, type Pods, podsWords } from "./model";

type Props = {
  readonly pods: Pods | null;
  /** What stands around says that it is about pods. */
  readonly brief?: boolean;
};

/** How many pods stand behind a version; where none is ready, in the colour of a warning. */
export function PodsText({ pods, brief = false }: Props) {
  if (!pods) return null;
  return (
    <Text as="span" fontSize="xs" color={isBare(pods) ? "fg.warning" : "fg.muted"}>
      {podsWords(pods, brief ? "" : " pods")}
    </Text>
  );
}
