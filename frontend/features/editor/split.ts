// Weights are whole hundredths of a percent here, so that nothing is ever lost to rounding.

export const WHOLE = 10_000;
export const MOST_VERSIONS = 20;

export type Weighted = { readonly weight: number; readonly locked: boolean };

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Divides a whole in proportion to the parts (evenly where all are zero): largest remainder first. */
export function apportion(whole: number, parts: readonly number[]): readonly number[] {
  if (parts.length === 0) return [];
  const total = sum(parts);
  const exact = parts.map((part) => (total === 0 ? whole / parts.length : (whole * part) / total));
  const shares = exact.map(Math.floor);
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - Math.floor(share) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder.slice(0, whole - sum(shares))) {
    shares[index] = (shares[index] ?? 0) + 1;
  }
  return shares;
}

/** Gives these positions the whole between them, each its part; the others stay as they are. */
function give<T extends Weighted>(
  versions: readonly T[],
  positions: readonly number[],
  parts: readonly number[],
): readonly T[] {
  const others = versions.filter((_, position) => !positions.includes(position));
  const rest = WHOLE - sum(others.map(({ weight }) => weight));
  const shares = new Map(apportion(rest, parts).map((share, at) => [positions[at], share]));
  return versions.map((version, position) => ({
    ...version,
    weight: shares.get(position) ?? version.weight,
  }));
}

function positionsOf<T>(versions: readonly T[], fits: (version: T, position: number) => boolean) {
  return versions.flatMap((version, position) => (fits(version, position) ? [position] : []));
}

function weightsAt(versions: readonly Weighted[], positions: readonly number[]) {
  return positions.map((position) => versions[position]?.weight ?? 0);
}

/** One version at a new weight, the unlocked others sharing the rest in proportion. */
export function withWeight<T extends Weighted>(
  versions: readonly T[],
  moved: number,
  weight: number,
): readonly T[] {
  const takers = positionsOf(versions, ({ locked }, at) => !locked && at !== moved);
  if (takers.length === 0) return versions;
  const isFixed = (version: T, at: number) => version.locked && at !== moved;
  const room = WHOLE - sum(weightsAt(versions, positionsOf(versions, isFixed)));
  const within = Math.min(room, Math.max(0, Math.round(weight)));
  const changed = versions.map((version, at) =>
    at === moved ? { ...version, weight: within } : version,
  );
  return give(changed, takers, weightsAt(versions, takers));
}

/** What is not locked, divided evenly. */
export function evenly<T extends Weighted>(versions: readonly T[]): readonly T[] {
  const takers = positionsOf(versions, ({ locked }) => !locked);
  if (takers.length === 0) return versions;
  return give(
    versions,
    takers,
    takers.map(() => 0),
  );
}

/** One version fewer; its share goes to the unlocked others, or to all where none is unlocked. */
export function without<T extends Weighted>(versions: readonly T[], gone: number): readonly T[] {
  const left = versions.filter((_, position) => position !== gone);
  const unlocked = positionsOf(left, ({ locked }) => !locked);
  const takers = unlocked.length > 0 ? unlocked : positionsOf(left, () => true);
  return give(left, takers, weightsAt(left, takers));
}

/** The hundredths that a typed percentage means; null where it means nothing. */
export function hundredths(text: string): number | null {
  const number = Number(text.trim().replace(",", ".").replace("%", ""));
  if (text.trim() === "" || !Number.isFinite(number) || number < 0 || number > 100) return null;
  return Math.round(number * 100);
}
