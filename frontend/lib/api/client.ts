import createClient, { type Middleware } from "openapi-fetch";
import { createMutateHook, createQueryHook } from "swr-openapi";
import { ApiError, type Problem, UNREACHABLE } from "./problem.ts";
import type { paths } from "./schema.gen.ts";

const PREFIX = "api";

async function problemIn(response: Response): Promise<Problem> {
  const isProblem = response.headers.get("content-type")?.includes("json");
  return isProblem ? response.json() : {};
}

/** Turns every answer that is not a success, and every silence, into an ApiError. */
const throwsProblems: Middleware = {
  async onResponse({ response }) {
    if (response.ok || response.status === 304) return;
    throw new ApiError(response.status, await problemIn(response));
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === "AbortError") return error;
    return new ApiError(0, UNREACHABLE);
  },
};

export const client = createClient<paths>({ baseUrl: "" });
client.use(throwsProblems);

type Init = { params?: { query?: Params; path?: Params } } | undefined;
type Params = Readonly<Record<string, unknown>>;

function covers(whole: Params | undefined, part: Params | undefined): boolean {
  return Object.entries(part ?? {}).every(([name, value]) => whole?.[name] === value);
}

/** Whether a cached request is one of those meant. */
function isMeant(init: Init, partial: Init): boolean {
  return (
    covers(init?.params?.path, partial?.params?.path) &&
    covers(init?.params?.query, partial?.params?.query)
  );
}

export const useApi = createQueryHook(client, PREFIX);
export const useRevalidate = createMutateHook(client, PREFIX, isMeant);

/** The data of a call that answers with data or throws. */
export async function answered<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  if (data === undefined) throw new ApiError(0, { title: "The API sent an empty answer" });
  return data;
}
