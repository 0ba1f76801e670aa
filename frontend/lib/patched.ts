export type QueryPatch = Readonly<Record<string, string | null>>;

/** The query string with some parameters set and others (null or empty) removed. */
export function patched(query: string, patch: QueryPatch): string {
  const params = new URLSearchParams(query);
  for (const [name, value] of Object.entries(patch)) {
    if (value) params.set(name, value);
    else params.delete(name);
  }
  return params.toString();
}
