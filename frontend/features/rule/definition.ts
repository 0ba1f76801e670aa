import type { Condition, Policies, Rule } from "../../lib/api/types.ts";
import { duration, percent } from "../../lib/format.ts";

const COMPARISONS = {
  exact: "is",
  prefix: "starts with",
  regex: "matches",
} as const;

/** "header x-tester is yes". */
export function conditionWords({ source, name, operator, value }: Condition): string {
  const subject = source === "query" ? "query parameter" : source;
  const named = name ? `${subject} ${name}` : subject;
  if (operator === "present") return `${named} is present`;
  return `${named} ${COMPARISONS[operator]} ${value}`;
}

export type Line = { readonly term: string; readonly words: string };

function retryWords({ attempts, perTryTimeoutMs, retryOn }: NonNullable<Policies["retries"]>) {
  const each = perTryTimeoutMs === null ? "" : `, each within ${duration(perTryTimeoutMs)}`;
  return `${attempts} more on ${retryOn.join(", ")}${each}`;
}

function faultLines({ delay, abort }: NonNullable<Policies["fault"]>): readonly Line[] {
  const lines: Line[] = [];
  if (delay) {
    const words = `${percent(delay.share)} held back for ${duration(delay.durationMs)}`;
    lines.push({ term: "Delay fault", words });
  }
  if (abort) {
    const words = `${percent(abort.share)} answered with ${abort.status}`;
    lines.push({ term: "Abort fault", words });
  }
  return lines;
}

function outlierWords(outlier: NonNullable<Policies["outlierDetection"]>): string {
  const { consecutive5xx, intervalMs, baseEjectionMs, maxEjectionPercent } = outlier;
  const out = `left out for ${duration(baseEjectionMs)}, at most ${maxEjectionPercent}%`;
  return `after ${consecutive5xx} errors in a row, looked at each ${duration(intervalMs)}, ${out}`;
}

function limitWords(limits: NonNullable<Policies["connectionLimits"]>): string {
  const named: readonly [number | null, string][] = [
    [limits.maxConnections, "connections"],
    [limits.maxPendingRequests, "pending requests"],
    [limits.maxRequests, "requests"],
    [limits.maxRequestsPerConnection, "requests per connection"],
  ];
  return named.flatMap(([limit, noun]) => (limit === null ? [] : [`${limit} ${noun}`])).join(", ");
}

function policyLines(policies: Policies): readonly Line[] {
  const { timeoutMs, retries, fault, outlierDetection, connectionLimits } = policies;
  return [
    ...(timeoutMs === null ? [] : [{ term: "Timeout", words: duration(timeoutMs) }]),
    ...(retries ? [{ term: "Retries", words: retryWords(retries) }] : []),
    ...(fault ? faultLines(fault) : []),
    ...(outlierDetection
      ? [{ term: "Outlier detection", words: outlierWords(outlierDetection) }]
      : []),
    ...(connectionLimits
      ? [{ term: "Connection limits", words: limitWords(connectionLimits) }]
      : []),
  ];
}

/** Everything a rule says beside its split, a line each. */
export function definitionLines(
  rule: Pick<Rule, "hosts" | "gateways" | "cohorts" | "mirror" | "policies">,
): readonly Line[] {
  const mirror = rule.mirror;
  return [
    ...(rule.hosts.length > 0 ? [{ term: "Hosts", words: rule.hosts.join(", ") }] : []),
    { term: "Gateways", words: rule.gateways.join(", ") },
    ...rule.cohorts.map(({ name, version, conditions }) => ({
      term: name,
      words: `go to ${version} where ${conditions.map(conditionWords).join(" and ")}`,
    })),
    ...(mirror
      ? [{ term: "Mirror", words: `${percent(mirror.share)} copied to ${mirror.version}` }]
      : []),
    ...policyLines(rule.policies),
  ];
}

export type VersionLine = {
  readonly name: string;
  readonly draft: number | null;
  readonly deployed: number | null;
  readonly labels: string;
};

type Versioned = Pick<Rule, "versions" | "liveVersions">;

/** Drafted and deployed weights side by side; null where a version is only on the other side. */
export function versionLines({ versions, liveVersions }: Versioned): readonly VersionLine[] {
  const live = liveVersions ?? [];
  const gone = live.filter(({ name }) => !versions.some((version) => version.name === name));
  return [...versions, ...gone].map(({ name, labels }) => ({
    name,
    draft: versions.find((version) => version.name === name)?.weight ?? null,
    deployed: live.find((version) => version.name === name)?.weight ?? null,
    labels: Object.entries(labels)
      .map(([label, value]) => `${label}=${value}`)
      .join(", "),
  }));
}

/** Whether the draft and what is deployed divide the traffic differently. */
export function splitsDiffer({ versions, liveVersions }: Versioned): boolean {
  if (liveVersions === null) return false;
  return versionLines({ versions, liveVersions }).some(({ draft, deployed }) => draft !== deployed);
}
