import type { Service } from "../../lib/api/types.ts";
import { isBare, type Pods } from "../pods/model.ts";
import type { Arm, RuleForm } from "./model.ts";

/** What was found around us, or why nothing could be. */
export type Discovered = {
  readonly services: readonly Service[];
  readonly trouble: string | null;
};

export const NOTHING_FOUND: Discovered = { services: [], trouble: null };

/** The discovered service that a form is about. */
export function serviceOf(services: readonly Service[], form: RuleForm): Service | null {
  const { serviceName, namespace } = form;
  const same = (one: Service) => one.serviceName === serviceName && one.namespace === namespace;
  return services.find(same) ?? null;
}

export function namespacesOf(services: readonly Service[]): readonly string[] {
  return [...new Set(services.map(({ namespace }) => namespace))].sort();
}

/** Where a rule is most likely for: the usual namespace, unless nothing was found there. */
export function likelyNamespace(services: readonly Service[]): string {
  const namespaces = namespacesOf(services);
  const [first] = namespaces;
  return first === undefined || namespaces.includes("default") ? "default" : first;
}

type Found = Service["versions"][number];

function podsIn({ ready, known }: Found): Pods | null {
  return ready === null || known === null ? null : { ready, known };
}

/** The pods of a version of the form, as far as they were counted. */
export function podsOf(arm: Arm, service: Service | null): Pods | null {
  const counted = service?.versions.filter((version) => podsIn(version) !== null) ?? [];
  if (counted.length === 0) return null;
  const wanted = Object.entries(arm.labels ?? { version: arm.name.trim() });
  const known = new Set(counted.flatMap(({ labels }) => Object.keys(labels)));
  // Discovery tells only the labels that tell versions apart: about others we know nothing.
  if (!wanted.every(([label]) => known.has(label))) return null;
  const pods = counted
    .filter(({ labels }) => wanted.every(([label, value]) => labels[label] === value))
    .flatMap((version) => podsIn(version) ?? []);
  return {
    ready: pods.reduce((sum, { ready }) => sum + ready, 0),
    known: pods.reduce((sum, { known }) => sum + known, 0),
  };
}

/** The first version that can answer; the first of all where none can, or nobody counts. */
export function firstAbleVersion(versions: readonly Found[]): number {
  const able = versions.findIndex((version) => {
    const pods = podsIn(version);
    return pods !== null && !isBare(pods);
  });
  return Math.max(0, able);
}

export type VersionLine = { readonly name: string; readonly pods: Pods | null };

/** Each version with its pods, as far as those are counted. */
export function versionLines({ versions }: Service): readonly VersionLine[] {
  return versions.map((version) => ({ name: version.name, pods: podsIn(version) }));
}

/** Whether a service is what somebody types: "cart", "shop", "shop/ca". */
export function isTyped({ namespace, serviceName }: Service, typed: string): boolean {
  return `${namespace}/${serviceName}`.includes(typed.trim().toLowerCase());
}
