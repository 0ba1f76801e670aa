"use client";

import { Box, Flex, Stack, Text } from "@chakra-ui/react";
import { Check as CheckMark, CircleX } from "lucide-react";
import { Ago } from "@/components/ui/Ago";
import { Bone } from "@/components/ui/Bone";
import { Modal } from "@/components/ui/Modal";
import { Trouble } from "@/components/ui/Trouble";
import { asApiError } from "@/lib/api/problem";
import type { Check } from "@/lib/api/types";
import { useHealth } from "./hooks";
import { checkName, inOrder } from "./model";

const looks = {
  well: { icon: CheckMark, color: "fg.success", word: "well" },
  ill: { icon: CircleX, color: "fg.error", word: "not well" },
} as const;

function Connection({ check }: { check: Check }) {
  const { icon: Icon, color, word } = looks[check.ok ? "well" : "ill"];
  return (
    <Flex as="li" gap="3" py="2.5" borderTopWidth="1px" minW="0">
      <Box color={color} pt="0.5" flexShrink="0">
        <Icon size={16} aria-label={word} />
      </Box>
      <Box flex="1" minW="0">
        <Flex justify="space-between" gap="3" wrap="wrap">
          <Text fontWeight="medium">{checkName(check)}</Text>
          <Text fontSize="xs" color="fg.muted">
            {check.ok ? "well since " : "not well since "}
            <Ago at={check.since} />
          </Text>
        </Flex>
        <Text fontSize="13px" color={check.ok ? "fg.muted" : "fg.error"} overflowWrap="anywhere">
          {check.detail}
        </Text>
        {check.address && (
          <Text as="code" fontSize="xs" color="fg.muted" overflowWrap="anywhere">
            {check.address}
          </Text>
        )}
      </Box>
    </Flex>
  );
}

type Props = {
  /** How changes reach this page, in a sentence. */
  readonly stream: string;
  close(): void;
};

/** Everything this installation stands on: where it is, how it is and since when. */
export function ConnectionsDialog({ stream, close }: Props) {
  const { data, error } = useHealth();
  return (
    <Modal title="Connections" footer={null} close={close}>
      <Stack gap="3">
        <Text color="fg.muted">{stream}.</Text>
        {error && <Trouble error={asApiError(error)} />}
        {!data && !error && <Bone h="40" />}
        {data && (
          <Box as="ul" aria-label="Connections">
            {inOrder(data.checks).map((check) => (
              <Connection key={check.name} check={check} />
            ))}
          </Box>
        )}
      </Stack>
    </Modal>
  );
}
