"use client";

import { Box, Button, Flex, SimpleGrid, Stack, Text } from "@chakra-ui/react";
import { Check, CircleHelp, CircleSlash, GitCompareArrows, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Ago } from "@/components/ui/Ago";
import { Bone } from "@/components/ui/Bone";
import { Confirm } from "@/components/ui/Confirm";
import { Diff } from "@/features/diff/Diff";
import { useRevision } from "@/features/revisions/hooks";
import { useSurrounding } from "@/features/shell/hooks";
import type { DriftTarget, Rule } from "@/lib/api/types";
import { useDrift } from "./hooks";
import { comparable, desiredDocument, type Standing, standing, targetName } from "./model";

const looks: Record<Standing, { icon: typeof Check; color: string; words: string }> = {
  same: { icon: Check, color: "fg.success", words: "as deployed" },
  differs: { icon: TriangleAlert, color: "fg.warning", words: "differs" },
  missing: { icon: CircleSlash, color: "fg.warning", words: "is missing" },
  unknown: { icon: CircleHelp, color: "fg.muted", words: "could not be asked" },
};

function Place({ target }: { target: DriftTarget }) {
  const { icon: Icon, color, words } = looks[standing(target)];
  return (
    <Flex gap="2.5" align="start" p="3" bg="bg.subtle" rounded="l2" minW="0">
      <Box color={color} pt="0.5">
        <Icon size={16} aria-hidden="true" />
      </Box>
      <Box minW="0">
        <Text fontWeight="medium">
          {targetName(target)}{" "}
          <Text as="span" fontWeight="normal" color={color}>
            {words}
          </Text>
        </Text>
        <Text fontSize="xs" color="fg.muted" overflowWrap="anywhere">
          {target.error ?? target.summary ?? (target.generation && `revision ${target.generation}`)}
        </Text>
        {(target.author || target.at) && (
          <Text fontSize="xs" color="fg.muted">
            {target.author && !target.summary?.includes(target.author) && `by ${target.author} `}
            {target.at && <Ago at={target.at} />}
          </Text>
        )}
      </Box>
    </Flex>
  );
}

function Changes({ rule, targets }: { rule: Rule; targets: readonly DriftTarget[] }) {
  const { data: revision } = useRevision(rule.id, rule.generation);
  if (!revision) return <Bone h="40" />;
  return (
    <Stack gap="3" mt="3">
      {comparable(targets).map((target) => (
        <Box key={target.target}>
          <Text fontSize="xs" color="fg.muted" mb="1">
            {targetName(target)}: from what was deployed to what is there
          </Text>
          <Diff
            before={desiredDocument(revision.documents, target)}
            after={target.document ?? ""}
            label={`Changes in ${targetName(target)}`}
          />
        </Box>
      ))}
    </Stack>
  );
}

type Props = { readonly rule: Rule; repair(): Promise<void> };

/** Where the rule stands differently from what was deployed, and the two answers to that. */
export function DriftCard({ rule, repair }: Props) {
  const { data } = useDrift(rule.id);
  const [isOpen, setOpen] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const isThroughGit = useSurrounding() === "git-only";
  const targets = data?.targets ?? [];
  return (
    <Box
      as="section"
      aria-label="Drift"
      bg="bg.panel"
      borderWidth="1px"
      borderLeftWidth="3px"
      borderLeftColor="warning.solid"
      rounded="l3"
      p="4"
    >
      <Flex gap="3" align="center" wrap="wrap" mb="3">
        <Box color="fg.warning">
          <GitCompareArrows size={18} aria-hidden="true" />
        </Box>
        <Text fontWeight="semibold" flex="1" minW="60%">
          This rule differs from what was deployed
        </Text>
        <Flex gap="2">
          {comparable(targets).length > 0 && (
            <Button size="xs" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              {isOpen ? "Hide changes" : "See changes"}
            </Button>
          )}
          <Button size="xs" colorPalette="warning" onClick={() => setAsking(true)}>
            Restore
          </Button>
        </Flex>
      </Flex>
      {data ? (
        <SimpleGrid columns={{ base: 1, md: 3 }} gap="2">
          {targets.map((target) => (
            <Place key={target.target} target={target} />
          ))}
        </SimpleGrid>
      ) : (
        <Bone h="16" />
      )}
      {isOpen && <Changes rule={rule} targets={targets} />}
      {isAsking && (
        <Confirm
          title={`Restore ${rule.serviceName}?`}
          act={`Restore revision ${rule.generation}`}
          tone="warning"
          confirm={repair}
          close={() => setAsking(false)}
        >
          Revision {rule.generation} is written again{" "}
          {isThroughGit
            ? "to Git, from where it comes to the cluster"
            : "wherever something else stands"}
          . Changes made there by hand are lost.
        </Confirm>
      )}
    </Box>
  );
}
