"use client";

import { Button, chakra, Flex, Stack, Text } from "@chakra-ui/react";
import { Bone } from "@/components/ui/Bone";
import { Trouble } from "@/components/ui/Trouble";
import { DriftCard } from "@/features/drift/DriftCard";
import { DeployTrack } from "@/features/operation/DeployTrack";
import { usePolledSamples } from "@/features/traffic/hooks";
import { LivePanel } from "@/features/traffic/LivePanel";
import { ApiError, asApiError } from "@/lib/api/problem";
import type { Rule } from "@/lib/api/types";
import { useQueryState } from "@/lib/query";
import { Link } from "@/lib/router";
import { DeleteRule } from "./DeleteRule";
import { DraftPanel } from "./DraftPanel";
import { useRule, useRuleActs } from "./hooks";
import { RuleHeader } from "./RuleHeader";
import { RuleTabs } from "./RuleTabs";

const SAMPLE_MS = 1_000;
const ButtonLink = chakra(Link);
const NO_SUCH_RULE = new ApiError(404, { title: "This address names no rule" });

function Absent({ error }: { error: ApiError }) {
  return (
    <Trouble
      error={error}
      titleAs="h1"
      action={
        <Button asChild size="xs">
          <ButtonLink href="/" prefetch={false}>
            All rules
          </ButtonLink>
        </Button>
      }
    />
  );
}

/** The page before its data, in its final heights. */
export function RuleSkeleton() {
  return (
    <Stack gap="4" aria-hidden="true">
      <Bone h="5" w="32" />
      <Bone h="9" w="64" />
      <Bone h="14" rounded="l3" />
      <Bone h="64" rounded="l3" />
    </Stack>
  );
}

function Cards({ rule }: { rule: Rule }) {
  const { repair, retry } = useRuleActs(rule.id);
  const { operation } = rule;
  usePolledSamples(rule.liveVersions ? [rule.id] : [], SAMPLE_MS);
  return (
    <>
      {rule.state === "drift" && <DriftCard rule={rule} repair={repair} />}
      {operation && <DeployTrack operation={operation} retry={() => retry(operation.id)} />}
      {rule.liveVersions ? (
        <LivePanel ruleId={rule.id} wanted={rule.liveVersions} />
      ) : (
        <DraftPanel shares={rule.versions} />
      )}
    </>
  );
}

export function RuleView() {
  const { params } = useQueryState();
  const ruleId = params.get("id");
  const { data: rule, error } = useRule(ruleId);
  if (ruleId === null) return <Absent error={NO_SUCH_RULE} />;
  // A rule that is gone says so; any other trouble leaves what was known on screen.
  const isGone = error && asApiError(error).status === 404;
  if (error && (isGone || !rule)) return <Absent error={asApiError(error)} />;
  if (!rule || rule.id !== ruleId) return <RuleSkeleton />;
  return (
    <Stack gap="4">
      <title>{`${rule.serviceName} · Crossfade`}</title>
      <RuleHeader rule={rule} />
      {error && <Trouble error={asApiError(error)} />}
      <Cards rule={rule} />
      <RuleTabs rule={rule} />
      <Flex justify="space-between" align="center" gap="3" wrap="wrap" pt="2">
        <Text fontSize="xs" color="fg.muted">
          Edition {rule.edition} · {rule.cluster}
        </Text>
        <DeleteRule rule={rule} />
      </Flex>
    </Stack>
  );
}
