import type { Rule } from "./types.ts";

export type FieldError = { readonly pointer: string; readonly detail: string };

/** The body of an application/problem+json answer. */
export type Problem = {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  /** With stale-edition: the rule as somebody else left it. */
  readonly current?: Rule;
};

/** Anything that went wrong between us and the API. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly errors: readonly FieldError[];
  readonly current: Rule | null;

  constructor(status: number, problem: Problem) {
    const title = problem.title ?? `The API answered ${status}`;
    super(problem.detail ?? title);
    this.name = "ApiError";
    this.status = status;
    this.code = problem.type?.split("/").at(-1) ?? "unknown";
    this.title = title;
    this.errors = problem.errors ?? [];
    this.current = problem.current ?? null;
  }
}

export const UNREACHABLE: Problem = {
  type: "unreachable",
  title: "Crossfade does not answer",
};

/** Whether the same question may be answered a little later. */
export function isPassing(thrown: unknown): boolean {
  const { status } = asApiError(thrown);
  return status === 0 || status === 429 || status >= 500;
}

/** Whatever was thrown, as the one error class. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return new ApiError(0, { type: "unexpected", title: "Something went wrong", detail });
}
