import type { FieldError } from "../../lib/api/problem.ts";
import type { Finding } from "../../lib/api/types.ts";

/** The places where the form shows an error beside the field. */
const FIELDS = [
  /^\/(serviceName|namespace)$/,
  /^\/versions\/\d+(\/name)?$/,
  /^\/cohorts\/\d+\/(name|version)$/,
  /^\/cohorts\/\d+\/conditions\/\d+\/(name|value)$/,
  /^\/mirror\/(version|share)$/,
  /^\/(hosts|gateways)(\/\d+)?$/,
];

function hasField(pointer: string): boolean {
  return FIELDS.some((field) => field.test(pointer));
}

/** Errors that no field shows, so that they are told at the top. */
export function unplaced(errors: readonly FieldError[]): readonly FieldError[] {
  return errors.filter(({ pointer }) => !hasField(pointer));
}

/** Whether a finding stands in the way and can be mended at a field of the form. */
export function isMendable({ severity, pointer }: Finding): boolean {
  return severity === "blocker" && hasField(pointer);
}

/** What stands in the way, as errors of the fields where it can be mended. */
export function marksOf(findings: readonly Finding[]): readonly FieldError[] {
  return findings.filter(isMendable).map(({ pointer, message }) => ({ pointer, detail: message }));
}
