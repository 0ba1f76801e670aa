import type { Condition } from "../../lib/api/types.ts";
import { type Arm, armOf, type CohortForm, type RuleForm } from "./model.ts";
import { evenly, MOST_VERSIONS, without } from "./split.ts";

export const NEW_CONDITION: Condition = {
  source: "header",
  name: "",
  operator: "exact",
  value: "",
};

function nextKey(keyed: readonly { key: number }[]): number {
  return 1 + Math.max(-1, ...keyed.map(({ key }) => key));
}

/** A name that continues the row: v1, v2 → v3. */
function nextName(arms: readonly Arm[]): string {
  const taken = new Set(arms.map(({ name }) => name));
  let number = arms.length + 1;
  while (taken.has(`v${number}`)) number++;
  return `v${number}`;
}

export function withArm(form: RuleForm): RuleForm {
  if (form.arms.length >= MOST_VERSIONS) return form;
  const added = armOf({ name: nextName(form.arms), weight: 0 }, nextKey(form.arms));
  return { ...form, arms: [...form.arms, added] };
}

/** The form without a version; who referred to it has to choose anew. */
export function withoutArm(form: RuleForm, key: number): RuleForm {
  const at = form.arms.findIndex((one) => one.key === key);
  if (at === -1 || form.arms.length === 1) return form;
  const kept = (armKey: number | null) => (armKey === key ? null : armKey);
  return {
    ...form,
    arms: without(form.arms, at),
    cohorts: form.cohorts.map((cohort) => ({ ...cohort, armKey: kept(cohort.armKey) })),
    mirror: form.mirror && { ...form.mirror, armKey: kept(form.mirror.armKey) },
  };
}

export function withArmChanged(form: RuleForm, key: number, change: Partial<Arm>): RuleForm {
  return {
    ...form,
    arms: form.arms.map((one) => (one.key === key ? { ...one, ...change } : one)),
  };
}

export function withEvenArms(form: RuleForm): RuleForm {
  return { ...form, arms: evenly(form.arms) };
}

export function withCohort(form: RuleForm): RuleForm {
  const cohort: CohortForm = {
    key: nextKey(form.cohorts),
    name: form.cohorts.length === 0 ? "testers" : "",
    armKey: form.arms.at(-1)?.key ?? null,
    conditions: [NEW_CONDITION],
  };
  return { ...form, cohorts: [...form.cohorts, cohort] };
}

export function withCohortChanged(
  form: RuleForm,
  key: number,
  change: Partial<CohortForm>,
): RuleForm {
  return {
    ...form,
    cohorts: form.cohorts.map((one) => (one.key === key ? { ...one, ...change } : one)),
  };
}

export function withoutCohort(form: RuleForm, key: number): RuleForm {
  return { ...form, cohorts: form.cohorts.filter((one) => one.key !== key) };
}

/** A condition with what its kind cannot have emptied: a path has no name, presence no value. */
export function tidied(condition: Condition): Condition {
  return {
    ...condition,
    name: condition.source === "path" ? "" : condition.name,
    value: condition.operator === "present" ? "" : condition.value,
  };
}
