"use client";

import { Box, Flex, SimpleGrid, Text } from "@chakra-ui/react";
import { Ago } from "@/components/ui/Ago";
import { Panel } from "@/components/ui/Panel";
import { usePods } from "@/features/pods/hooks";
import type { Pods } from "@/features/pods/model";
import { PodsText } from "@/features/pods/PodsText";
import type { RuleMetrics, Share } from "@/lib/api/types";
import { count, duration, observedPercent, percent, rate } from "@/lib/format";
import { useSample } from "./hooks";
import { splitLabel } from "./LiveCells";
import {
  ERROR_BOUND_PERCENT,
  isQuiet,
  type LiveVersion,
  liveVersions,
  observedShares,
} from "./model";
import { Sparkline } from "./Sparkline";
import { SplitBar } from "./SplitBar";
import { Swatch, VersionLegend } from "./VersionLegend";

const LEGEND_LIMIT = 20;

type FigureProps = { readonly name: string; readonly value: string; readonly isBad?: boolean };

function Figure({ name, value, isBad = false }: FigureProps) {
  return (
    <Flex direction="column-reverse" align="start" minW="0">
      <Text as="dt" fontSize="xs" color="fg.muted">
        {name}
      </Text>
      <Text
        as="dd"
        fontWeight="medium"
        fontVariantNumeric="tabular-nums"
        color={isBad ? "fg.error" : "fg"}
      >
        {value}
      </Text>
    </Flex>
  );
}

type CardProps = { readonly version: LiveVersion; readonly pods: Pods | null };

function VersionCard({ version, pods }: CardProps) {
  const { name, position, wanted, observed } = version;
  const errors = observed?.errorRate ?? null;
  return (
    <Box as="li" p="3" borderWidth="1px" rounded="l2" minW="0">
      <Flex align="center" gap="2" mb="2">
        <Swatch position={position} />
        <Text fontWeight="medium" truncate>
          {name}
        </Text>
        <Text ms="auto" fontSize="xs" color="fg.muted" flexShrink="0">
          {percent(wanted)} wanted
        </Text>
      </Flex>
      {pods && (
        <Box mt="-1" mb="2">
          <PodsText pods={pods} />
        </Box>
      )}
      <SimpleGrid as="dl" columns={3} columnGap="3" rowGap="2">
        <Figure name="observed" value={observedPercent(observed?.share ?? null)} />
        <Figure name="requests" value={observed ? count(observed.requests) : "–"} />
        <Figure
          name="errors"
          value={percent(errors)}
          isBad={errors !== null && errors >= ERROR_BOUND_PERCENT}
        />
        <Figure name="p50" value={duration(observed?.p50Ms ?? null)} />
        <Figure name="p95" value={duration(observed?.p95Ms ?? null)} />
        <Figure name="p99" value={duration(observed?.p99Ms ?? null)} />
      </SimpleGrid>
    </Box>
  );
}

/** When and how the figures were seen, or why there are none. */
function Aside({ sample }: { sample: RuleMetrics | null }) {
  if (!sample) return null;
  if (isQuiet(sample)) {
    return (
      <Text fontSize="xs" color="fg.muted" textAlign="end">
        {sample.reason ?? "No traffic in the last minute"}
        {sample.noDataSince && (
          <>
            {" · none since "}
            <Ago at={sample.noDataSince} />
          </>
        )}
      </Text>
    );
  }
  return (
    <Text fontSize="xs" color="fg.muted">
      observed, last {sample.windowS} s · {rate(sample.rate)}
    </Text>
  );
}

type Props = { readonly ruleId: string; readonly wanted: readonly Share[] };

/** Who gets which traffic right now, beside who should. */
export function LivePanel({ ruleId, wanted }: Props) {
  const sample = useSample(ruleId);
  const podsOf = usePods(ruleId);
  const versions = liveVersions(wanted, sample);
  const observed = observedShares(versions);
  return (
    <Panel heading="Live split" aside={<Aside sample={sample} />}>
      <SplitBar
        wanted={wanted.map(({ weight }) => weight)}
        observed={observed}
        label={splitLabel(wanted, observed)}
        height="14px"
      />
      <VersionLegend shares={wanted} limit={LEGEND_LIMIT} />
      {sample && !isQuiet(sample) && (
        <Box mt="3">
          <Sparkline series={sample.series} width={600} height={36} fluid />
        </Box>
      )}
      <Box
        as="ul"
        display="grid"
        gridTemplateColumns="repeat(auto-fit, minmax(min(100%, 250px), 1fr))"
        gap="2.5"
        mt="3"
      >
        {versions.map((version) => (
          <VersionCard key={version.name} version={version} pods={podsOf(version.name)} />
        ))}
      </Box>
    </Panel>
  );
}
