"use client";

import { Box, Text } from "@chakra-ui/react";
import type { Share } from "@/lib/api/types";
import { observedPercent, percent, rate, splitText } from "@/lib/format";
import { useSample } from "./hooks";
import { ERROR_BOUND_PERCENT, isQuiet, liveVersions, observedShares, worstErrors } from "./model";
import { Sparkline } from "./Sparkline";
import { SplitBar } from "./SplitBar";
import { VersionLegend } from "./VersionLegend";

const LEGEND_LIMIT = 5;

/** The wanted and the observed split as one sentence, for those who cannot see the bar. */
export function splitLabel(wanted: readonly Share[], observed: readonly number[] | null): string {
  if (observed === null) return `Wanted: ${splitText(wanted)}. No traffic observed.`;
  const seen = wanted.map(({ name }, at) => `${name} ${observedPercent(observed[at] ?? null)}`);
  return `Observed: ${seen.join(", ")}. Wanted: ${splitText(wanted)}.`;
}

type Split = { readonly ruleId: string; readonly wanted: readonly Share[] };

export function LiveSplit({ ruleId, wanted }: Split) {
  const observed = observedShares(liveVersions(wanted, useSample(ruleId)));
  return (
    <>
      <SplitBar
        wanted={wanted.map(({ weight }) => weight)}
        observed={observed}
        label={splitLabel(wanted, observed)}
      />
      <VersionLegend shares={wanted} limit={LEGEND_LIMIT} />
    </>
  );
}

export function LiveRate({ ruleId }: { ruleId: string }) {
  const sample = useSample(ruleId);
  if (!sample || isQuiet(sample)) {
    return (
      <Text fontSize="xs" color="fg.muted" title={sample?.reason ?? undefined}>
        {sample ? "no traffic" : ""}
      </Text>
    );
  }
  return (
    <>
      <Sparkline series={sample.series} width={96} height={24} />
      <Text fontSize="xs" color="fg.muted" fontVariantNumeric="tabular-nums">
        {rate(sample.rate)}
      </Text>
    </>
  );
}

export function LiveErrors({ ruleId }: { ruleId: string }) {
  const worst = worstErrors(useSample(ruleId));
  if (!worst) return null;
  const isBad = worst.errorRate >= ERROR_BOUND_PERCENT;
  return (
    <Box title={`Most errors: ${worst.name}`}>
      <Text fontWeight="medium" fontVariantNumeric="tabular-nums" color={isBad ? "fg.error" : "fg"}>
        {percent(worst.errorRate)}
      </Text>
      <Text fontSize="xs" color="fg.muted" truncate>
        {worst.name}
      </Text>
    </Box>
  );
}
