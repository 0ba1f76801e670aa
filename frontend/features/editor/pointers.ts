import type { FieldError } from "../../lib/api/problem.ts";

/** The places where the form shows an error beside the field. */
const FIELDS = [
  /^\/(serviceName|namespace)$/,
  /^\/versions\/\d+\/name$/,
  /^\/cohorts\/\d+\/(name|version)$/,
  /^\/cohorts\/\d+\/conditions\/\d+\/(name|value)$/,
  /^\/mirror\/(version|share)$/,
];

/** Errors that no field shows, so that they are told at the top. */
export function unplaced(errors: readonly FieldError[]): readonly FieldError[] {
  return errors.filter(({ pointer }) => !FIELDS.some((field) => field.test(pointer)));
}
