import type { Operation, Stage } from "../../lib/api/types.ts";

export type Track = {
  readonly saved: Stage;
  readonly committed: Stage;
  readonly applied: Stage;
  readonly effective: Stage;
};

const NAMES = {
  saved: "Saved",
  committed: "Committed to Git",
  applied: "Applied to the mesh",
  effective: "Effective",
} as const satisfies Record<Stage["name"], string>;

const KINDS = {
  deploy: "Deploy",
  rollback: "Rollback",
  repair: "Repair",
  release: "Release",
  remove: "Removal",
} as const satisfies Record<Operation["kind"], string>;

export function stageName({ name }: Stage): string {
  return NAMES[name];
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
