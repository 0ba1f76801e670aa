// A rule on its way out is not asked about any more: the answer could only be that it is gone.
const leaving = new Set<string>();

/** Runs a removal with questions about the rule held back; they come back if it fails. */
export async function whileLeaving(ruleId: string, remove: () => Promise<void>): Promise<void> {
  leaving.add(ruleId);
  try {
    await remove();
  } catch (thrown) {
    leaving.delete(ruleId);
    throw thrown;
  }
}

/** The request options of everything that asks about this rule. */
export function unlessLeaving(ruleId: string | null) {
  return { isPaused: () => ruleId !== null && leaving.has(ruleId) };
}
