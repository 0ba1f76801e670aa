import type { RuleMetrics, Share, VersionMetrics } from "../../lib/api/types.ts";

/** From this share of errors on, a version is shown in red. */
export const ERROR_BOUND_PERCENT = 5;

/** Where each share begins, in percent of the bar. */
export function starts(shares: readonly number[]): readonly number[] {
  let sum = 0;
  return shares.map((share) => {
    const start = sum;
    sum += share;
    return start;
  });
}

/** Where a bar of these weights changes colour; ends of the bar are no boundary. */
export function boundaries(weights: readonly number[]): readonly number[] {
  const inner = starts(weights).filter((start) => start > 0 && start < 100);
  return [...new Set(inner)];
}

function metricsOf(sample: RuleMetrics | null, name: string): VersionMetrics | null {
  return sample?.versions.find((version) => version.name === name) ?? null;
}

export type LiveVersion = {
  readonly name: string;
  readonly position: number;
  readonly wanted: number;
  readonly observed: VersionMetrics | null;
};

/** What each version should get beside what it was seen to get. */
export function liveVersions(
  wanted: readonly Share[],
  sample: RuleMetrics | null,
): readonly LiveVersion[] {
  return wanted.map(({ name, weight }, position) => ({
    name,
    position,
    wanted: weight,
    observed: metricsOf(sample, name),
  }));
}

/** The observed share of each version, or null where nothing was seen lately. */
export function observedShares(versions: readonly LiveVersion[]): readonly number[] | null {
  const shares = versions.map(({ observed }) => observed?.share ?? null);
  if (shares.every((share) => share === null)) return null;
  return shares.map((share) => share ?? 0);
}

/** Whether anything at all was asked for in the last minute. */
export function isQuiet(sample: RuleMetrics): boolean {
  return sample.series.every((rate) => !rate);
}

export type WorstErrors = { readonly name: string; readonly errorRate: number };

/** The version with the most errors among those that were asked at all. */
export function worstErrors(sample: RuleMetrics | null): WorstErrors | null {
  let worst: WorstErrors | null = null;
  for (const { name, errorRate } of sample?.versions ?? []) {
    if (errorRate !== null && errorRate > (worst?.errorRate ?? -1)) worst = { name, errorRate };
  }
  return worst;
}

export type SparkPath = { readonly line: string; readonly area: string };

/** A line through the rates of the last minute, broken where nothing is known. */
export function sparkPath(
  series: readonly (number | null)[],
  width: number,
  height: number,
): SparkPath {
  const top = Math.max(1e-9, ...series.map((value) => value ?? 0));
  const step = width / Math.max(1, series.length - 1);
  const y = (value: number) => (height - 1 - (value / top) * (height - 2)).toFixed(1);
  const x = (index: number) => (index * step).toFixed(1);
  let line = "";
  let area = "";
  let from: number | null = null;
  series.forEach((value, index) => {
    if (value === null) {
      if (from !== null) area += `L${x(index - 1)} ${height}Z`;
      from = null;
      return;
    }
    line += `${from === null ? "M" : "L"}${x(index)} ${y(value)}`;
    area += from === null ? `M${x(index)} ${height}L` : "L";
    area += `${x(index)} ${y(value)}`;
    from ??= index;
  });
  if (from !== null) area += `L${x(series.length - 1)} ${height}Z`;
  return { line, area };
}
