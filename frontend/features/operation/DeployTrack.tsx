"use client";

import { Box, Button, Flex, Text } from "@chakra-ui/react";
import { ChevronDown, ChevronUp, RotateCw } from "lucide-react";
import { useState } from "react";
import { Ago } from "@/components/ui/Ago";
import { Panel } from "@/components/ui/Panel";
import { Trouble } from "@/components/ui/Trouble";
import { type ApiError, asApiError } from "@/lib/api/problem";
import type { Operation } from "@/lib/api/types";
import { duration } from "@/lib/format";
import { useQueryState } from "@/lib/query";
import { causeOf, elapsedMs, headline, isSettled, trackOf } from "./model";
import { StageMark } from "./StageMark";
import { Stages } from "./Stages";

function OneLine({ operation }: { operation: Operation }) {
  const { effective, committed } = trackOf(operation);
  const elapsed = elapsedMs(operation, effective);
  return (
    <Text color="fg.muted" fontSize="13px" minW="0">
      {elapsed !== null && `in ${duration(elapsed)} · `}
      {effective.detail && `${effective.detail} · `}
      {committed.detail && `${committed.detail} · `}
      <Ago at={operation.endedAt ?? operation.createdAt} /> by {operation.actor}
      {operation.reason && ` · “${operation.reason}”`}
    </Text>
  );
}

/** What a failure came from, and the ways out of it. */
function Failure({ operation, retry }: Props) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const { change } = useQueryState();
  const again = () => {
    setBusy(true);
    retry()
      .then(
        () => setProblem(null),
        (thrown) => setProblem(asApiError(thrown)),
      )
      .finally(() => setBusy(false));
  };
  if (operation.state !== "failed") return null;
  return (
    <>
      <Flex mt="4" gap="3" align="center" justify="space-between" wrap="wrap">
        <Text color="fg.error" flex="1" minW="60%" overflowWrap="anywhere">
          {causeOf(operation)}
        </Text>
        <Flex gap="2">
          <Button size="xs" onClick={() => change({ edit: operation.ruleId }, "push")}>
            Edit the rule
          </Button>
          <Button size="xs" colorPalette="danger" disabled={isBusy} onClick={again}>
            <RotateCw aria-hidden="true" /> Retry
          </Button>
        </Flex>
      </Flex>
      {problem && <Trouble error={problem} mt="3" />}
    </>
  );
}

type Props = { readonly operation: Operation; retry(): Promise<void> };

/** An operation on its way: saved, then side by side committed, and applied until effective. */
export function DeployTrack({ operation, retry }: Props) {
  const settled = isSettled(operation);
  const [wish, setWish] = useState<{ id: string; open: boolean } | null>(null);
  const isOpen = wish?.id === operation.id ? wish.open : !settled;
  const Chevron = isOpen ? ChevronUp : ChevronDown;
  return (
    <Panel aria-label="Deploy" py="3">
      <Flex align="center" gap="3">
        {!isOpen && <StageMark state={operation.state === "superseded" ? "skipped" : "done"} />}
        <Flex flex="1" columnGap="3" align="baseline" wrap="wrap" minW="0">
          <Text fontWeight="semibold">{headline(operation)}</Text>
          {!isOpen && <OneLine operation={operation} />}
        </Flex>
        {settled && (
          <Button
            variant="ghost"
            size="xs"
            aria-expanded={isOpen}
            onClick={() => setWish({ id: operation.id, open: !isOpen })}
          >
            Details <Chevron aria-hidden="true" />
          </Button>
        )}
      </Flex>
      {isOpen && (
        <Box mt="4" aria-live="polite">
          <Stages operation={operation} />
          <Failure operation={operation} retry={retry} />
        </Box>
      )}
    </Panel>
  );
}
