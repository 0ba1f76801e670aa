import type { Operation, Stage, Surrounding } from "../../lib/api/types.ts";

export type Track = {
  readonly saved: Stage;
  readonly committed: Stage;
  readonly applied: Stage;
  readonly effective: Stage;
};

const NAMES = {
  saved: "Saved",
  committed: "Committed to Git",
  effective: "Effective",
} as const satisfies Record<Exclude<Stage["name"], "applied">, string>;

const APPLIED = {
  embedded: "Applied to the mesh",
  cluster: "Applied to the cluster",
  "git-only": "Synced to the cluster",
} as const satisfies Record<Surrounding, string>;

const KINDS = {
  deploy: "Deploy",
  rollback: "Rollback",
  repair: "Repair",
  release: "Release",
  remove: "Removal",
} as const satisfies Record<Operation["kind"], string>;

/** A sign of its own where something is there, but nobody could say that it is obeyed. */
export type Mark = Stage["state"] | "unproven";

export function markOf(operation: Pick<Operation, "state">, stage: Stage): Mark {
  const lacksProof = operation.state === "applied-not-proven" && stage.name === "effective";
  return lacksProof ? "unproven" : stage.state;
}

type Named = Pick<Operation, "state">;

/** What a stage is called: whose hand applies, and whether the end of it can be said. */
export function stageName(operation: Named, stage: Stage, surrounding: Surrounding | null): string {
  if (markOf(operation, stage) === "unproven") return "Not proven";
  return stage.name === "applied" ? APPLIED[surrounding ?? "embedded"] : NAMES[stage.name];
}

export function operationName({ kind }: Pick<Operation, "kind">): string {
  return KINDS[kind];
}

/** The four stages by name; one that the API leaves out has not begun. */
export function trackOf({ stages }: Operation): Track {
  const stage = (name: Stage["name"]): Stage =>
    stages.find((one) => one.name === name) ?? { name, state: "pending", at: null, detail: null };
  return {
    saved: stage("saved"),
    committed: stage("committed"),
    applied: stage("applied"),
    effective: stage("effective"),
  };
}

/** How long after the request a stage was done, in milliseconds. */
export function elapsedMs(operation: Operation, stage: Stage): number | null {
  if (stage.at === null) return null;
  return Math.max(0, Date.parse(stage.at) - Date.parse(operation.createdAt));
}

/** Nothing is left to watch: every stage came to its end without trouble. */
export function isSettled(operation: Operation): boolean {
  const restful = (stage: Stage) => stage.state === "done" || stage.state === "skipped";
  const ended = operation.state === "effective" || operation.state === "superseded";
  return ended && operation.stages.every(restful);
}

/** What the operation came to, as a heading. */
export function headline(operation: Operation): string {
  const name = operationName(operation);
  const revision = `revision ${operation.generation}`;
  switch (operation.state) {
    case "running":
      return `${name} of ${revision} under way`;
    case "effective":
      return `${name} of ${revision} is effective`;
    case "applied-not-proven":
      return `${name} of ${revision} is applied, not proven`;
    case "superseded":
      return `${name} of ${revision} was overtaken by a newer one`;
    case "failed":
      return `${name} of ${revision} failed`;
  }
}

/** The cause of a failure: what the outcome says, else what the failed stage says. */
export function causeOf(operation: Operation): string | null {
  const failed = operation.stages.find(({ state }) => state === "failed");
  return operation.outcome ?? failed?.detail ?? null;
}
