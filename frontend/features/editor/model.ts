import type {
  Cohort,
  Condition,
  Policies,
  Rule,
  RuleInput,
  RuleType,
  Service,
} from "../../lib/api/types.ts";
import { firstAbleVersion } from "./discovered.ts";
import { MOST_VERSIONS } from "./split.ts";

/** A version as the form holds it; the key survives renaming, so that others can refer to it. */
export type Arm = {
  readonly key: number;
  readonly name: string;
  readonly weight: number;
  readonly locked: boolean;
  /** Null: the usual label, which follows the name. */
  readonly labels: Readonly<Record<string, string>> | null;
};

export type CohortForm = {
  readonly key: number;
  readonly name: string;
  readonly armKey: number | null;
  readonly conditions: readonly Condition[];
};

export type MirrorForm = { readonly armKey: number | null; readonly share: number };

export type RuleForm = {
  readonly serviceName: string;
  readonly namespace: string;
  readonly arms: readonly Arm[];
  readonly cohorts: readonly CohortForm[];
  readonly mirror: MirrorForm | null;
  readonly policies: Policies;
  /** What the form does not show, it keeps. */
  readonly hosts: readonly string[];
  readonly gateways: readonly string[];
  readonly ruleType: RuleType;
};

/** The gateway of callers inside the mesh. */
export const MESH = "mesh";

export const NO_POLICIES: Policies = {
  timeoutMs: null,
  retries: null,
  fault: null,
  outlierDetection: null,
  connectionLimits: null,
};

function isUsual(name: string, labels: Readonly<Record<string, string>>): boolean {
  return Object.keys(labels).length === 1 && labels.version === name;
}

type NamedWeight = { readonly name: string; readonly weight: number };

/** A version as it enters the form. */
export function armOf(
  { name, weight }: NamedWeight,
  key: number,
  labels: Arm["labels"] = null,
): Arm {
  return { key, name, weight: Math.round(weight * 100), locked: false, labels };
}

function keyOf(arms: readonly Arm[], name: string): number | null {
  return arms.find((one) => one.name === name)?.key ?? null;
}

const NO_VERSIONS = ["v1", "v2"].map((name) => ({ name, labels: {} }));

/** Null where labels are the usual one, or none are known. */
function ownLabels(name: string, labels: Readonly<Record<string, string>>): Arm["labels"] {
  return Object.keys(labels).length === 0 || isUsual(name, labels) ? null : labels;
}

/** An empty form, or one for a discovered service: all traffic to a version that can answer. */
export function newForm(service: Service | null, namespace = "default"): RuleForm {
  const found = service?.versions.slice(0, MOST_VERSIONS) ?? [];
  const first = firstAbleVersion(found);
  const versions = found.length > 0 ? found : NO_VERSIONS;
  return {
    serviceName: service?.serviceName ?? "",
    namespace: service?.namespace ?? namespace,
    arms: versions.map(({ name, labels }, at) =>
      armOf({ name, weight: at === first ? 100 : 0 }, at, ownLabels(name, labels)),
    ),
    cohorts: [],
    mirror: null,
    policies: NO_POLICIES,
    hosts: [],
    gateways: [MESH],
    ruleType: "WEIGHTED",
  };
}

/** The form of a rule as it stands. */
export function formOf(rule: Rule): RuleForm {
  const arms = rule.versions.map((version, key) =>
    armOf(version, key, ownLabels(version.name, version.labels)),
  );
  return {
    serviceName: rule.serviceName,
    namespace: rule.namespace,
    arms,
    cohorts: rule.cohorts.map(({ name, version, conditions }, key) => ({
      key,
      name,
      armKey: keyOf(arms, version),
      conditions,
    })),
    mirror: rule.mirror && {
      armKey: keyOf(arms, rule.mirror.version),
      share: rule.mirror.share,
    },
    policies: rule.policies,
    hosts: rule.hosts,
    gateways: rule.gateways,
    ruleType: rule.ruleType,
  };
}

/** The stored type while it still holds, else the one that the contents ask for. */
export function typeOf(form: Pick<RuleForm, "ruleType" | "cohorts" | "mirror">): RuleType {
  const hasCohorts = form.cohorts.length > 0;
  const hasMirror = form.mirror !== null;
  if (form.ruleType === "HEADER" && hasCohorts) return "HEADER";
  if (form.ruleType === "MIRROR" && hasMirror) return "MIRROR";
  if (hasCohorts) return "HEADER";
  return hasMirror ? "MIRROR" : "WEIGHTED";
}

/** What the API is sent. */
export function inputOf(form: RuleForm): RuleInput {
  const nameOf = (key: number | null) => form.arms.find((one) => one.key === key)?.name ?? "";
  return {
    namespace: form.namespace.trim(),
    serviceName: form.serviceName.trim(),
    hosts: [...form.hosts],
    gateways: [...form.gateways],
    ruleType: typeOf(form),
    versions: form.arms.map(({ name, weight, labels }) => ({
      name: name.trim(),
      weight: weight / 100,
      labels: labels ? { ...labels } : { version: name.trim() },
    })),
    cohorts: form.cohorts.map(
      ({ name, armKey, conditions }): Cohort => ({
        name: name.trim(),
        version: nameOf(armKey),
        conditions: [...conditions],
      }),
    ),
    mirror: form.mirror && { version: nameOf(form.mirror.armKey), share: form.mirror.share },
    policies: form.policies,
  };
}

/** Whether two forms would send the same. */
export function sendSame(one: RuleForm, other: RuleForm): boolean {
  return JSON.stringify(inputOf(one)) === JSON.stringify(inputOf(other));
}

/** How many rows a form has: when it changes, pointers into it mean something else. */
export function shapeOf(form: RuleForm): string {
  const conditions = form.cohorts.map((cohort) => cohort.conditions.length).join(".");
  return `${form.arms.length}/${form.cohorts.length}/${conditions}`;
}

/** How much is in the folded part, in words: "testers, retries". */
export function extrasOf(
  form: Pick<RuleForm, "cohorts" | "mirror" | "policies" | "hosts" | "gateways">,
): string {
  const { timeoutMs, retries, fault, outlierDetection, connectionLimits } = form.policies;
  const extras: readonly [unknown, string][] = [
    [form.cohorts.length > 0 || null, "testers"],
    [form.mirror, "mirror"],
    [form.hosts.length > 0 || null, "hosts"],
    [form.gateways.some((gateway) => gateway !== MESH) || null, "gateways"],
    [timeoutMs, "timeout"],
    [retries, "retries"],
    [fault, "fault"],
    [outlierDetection, "outlier detection"],
    [connectionLimits, "connection limits"],
  ];
  return extras.flatMap(([set, word]) => (set === null ? [] : [word])).join(", ");
}

/** Whether all weights sit on locked versions, so that nothing can move. */
export function isStuck(form: RuleForm): boolean {
  return form.arms.filter(({ locked }) => !locked).length < 2;
}

const FIRST_PORT = 9001;

/** The command that tells this machine where the versions of a service listen. */
export function addCommand({ serviceName, namespace, arms }: RuleForm): string {
  const versions = arms.map(({ name }, at) => `--version ${name}=127.0.0.1:${FIRST_PORT + at}`);
  return `crossfade local add ${namespace}/${serviceName} ${versions.join(" ")}`;
}
