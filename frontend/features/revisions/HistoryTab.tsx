"use client";

import { Badge, Box, Button, Flex, Stack, Text } from "@chakra-ui/react";
import { GitCommitHorizontal } from "lucide-react";
import { Ago } from "@/components/ui/Ago";
import { Bone } from "@/components/ui/Bone";
import { Trouble } from "@/components/ui/Trouble";
import { operationName } from "@/features/operation/model";
import { asApiError } from "@/lib/api/problem";
import type { Revision } from "@/lib/api/types";
import { splitText } from "@/lib/format";
import { useQueryState } from "@/lib/query";
import { useRevisions } from "./hooks";
import { shortCommit } from "./model";

const verdicts = {
  running: { word: "under way", tone: "accent" },
  effective: { word: "effective", tone: "success" },
  "applied-not-proven": { word: "not proven", tone: "warning" },
  superseded: { word: "overtaken", tone: "neutral" },
  failed: { word: "failed", tone: "danger" },
} as const;

function Verdict({ operation }: Pick<Revision, "operation">) {
  if (!operation) return null;
  const { word, tone } = verdicts[operation.state];
  return (
    <Badge colorPalette={tone} rounded="full" px="2" title={operation.outcome ?? undefined}>
      {operationName(operation)} {word}
    </Badge>
  );
}

function Facts({ revision }: { revision: Revision }) {
  const { author, createdAt, commit, reason, origin } = revision;
  return (
    <Flex columnGap="3" wrap="wrap" fontSize="xs" color="fg.muted">
      <span>
        {author} · <Ago at={createdAt} />
      </span>
      {commit && (
        <Flex as="span" align="center" gap="1" title={commit}>
          <GitCommitHorizontal size={13} aria-hidden="true" />
          <code>{shortCommit(commit)}</code>
        </Flex>
      )}
      {origin !== null && <span>back to revision {origin}</span>}
      {reason && <span>“{reason}”</span>}
    </Flex>
  );
}

function Entry({ revision, ruleId }: { revision: Revision; ruleId: string }) {
  const { change } = useQueryState();
  const { generation, current, summary, intent, operation } = revision;
  const restore = () => change({ rollback: ruleId, back: String(generation) }, "push");
  const compare = () => change({ tab: "yaml", rev: null, with: String(generation) }, "push");
  return (
    <Flex as="li" gap="3" py="3" borderTopWidth="1px" _first={{ borderTopWidth: "0" }} wrap="wrap">
      <Text w="9" flexShrink="0" fontWeight="semibold" fontVariantNumeric="tabular-nums">
        {generation}
      </Text>
      <Box flex="1" minW="220px">
        <Flex gap="2" align="center" wrap="wrap">
          <Text fontWeight="medium">{summary || splitText(intent.versions)}</Text>
          <Verdict operation={operation} />
        </Flex>
        <Facts revision={revision} />
      </Box>
      {current ? (
        <Text fontSize="xs" color="fg.muted" alignSelf="center">
          what is wanted now
        </Text>
      ) : (
        <Flex gap="2" alignSelf="center">
          <Button size="xs" variant="ghost" onClick={compare}>
            Compare
          </Button>
          <Button size="xs" onClick={restore}>
            Restore
          </Button>
        </Flex>
      )}
    </Flex>
  );
}

/** Every picture that was deployed: what changed, who, and what came of it. */
export function HistoryTab({ ruleId }: { ruleId: string }) {
  const { params, change } = useQueryState();
  const before = Number(params.get("before")) || null;
  const { data, error } = useRevisions(ruleId, before);
  if (error) return <Trouble error={asApiError(error)} />;
  if (!data) return <Bone h="40" rounded="l3" />;
  if (data.items.length === 0) return <Text color="fg.muted">Nothing was deployed yet.</Text>;
  return (
    <Stack gap="3">
      <Box as="ol" bg="bg.panel" borderWidth="1px" rounded="l3" px="4">
        {data.items.map((revision) => (
          <Entry key={revision.generation} revision={revision} ruleId={ruleId} />
        ))}
      </Box>
      <Flex gap="2" justify="flex-end">
        {before && (
          <Button size="xs" onClick={() => change({ before: null }, "push")}>
            Newest
          </Button>
        )}
        {data.next !== null && (
          <Button size="xs" onClick={() => change({ before: String(data.next) }, "push")}>
            Older
          </Button>
        )}
      </Flex>
    </Stack>
  );
}
