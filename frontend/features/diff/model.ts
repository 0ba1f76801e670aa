import { diffLines, diffWordsWithSpace } from "diff";
import { counted } from "../../lib/format.ts";

const CONTEXT = 3;

export type Part = { readonly text: string; readonly marked: boolean };

export type Row = {
  readonly kind: "same" | "added" | "removed";
  /** Line numbers; null on the side where the line does not exist. */
  readonly before: number | null;
  readonly after: number | null;
  readonly parts: readonly Part[];
};

export type Block =
  | { readonly kind: "shown"; readonly rows: readonly Row[] }
  | { readonly kind: "folded"; readonly rows: readonly Row[] };

type Pair = { readonly removed: readonly Part[]; readonly added: readonly Part[] };

function linesOf(text: string): readonly string[] {
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

function plain(text: string): readonly Part[] {
  return [{ text, marked: false }];
}

/** Two lines that replace each other, with the words that differ marked. */
function paired(removed: string, added: string): Pair {
  const words = diffWordsWithSpace(removed, added);
  const side = (hidden: "added" | "removed", marked: "added" | "removed") =>
    words
      .filter((word) => !word[hidden])
      .map((word) => ({ text: word.value, marked: Boolean(word[marked]) }));
  return { removed: side("added", "removed"), added: side("removed", "added") };
}

/** Line numbers, counted on as rows are made. */
function numbering() {
  let before = 0;
  let after = 0;
  return (kind: Row["kind"], parts: readonly Part[]): Row => {
    if (kind !== "added") before++;
    if (kind !== "removed") after++;
    return {
      kind,
      parts,
      before: kind === "added" ? null : before,
      after: kind === "removed" ? null : after,
    };
  };
}

/** Removed lines, then added ones; those that replace each other with their words marked. */
function replaced(removed: readonly string[], added: readonly string[]) {
  const pairs = removed.slice(0, added.length).map((line, at) => paired(line, added[at] ?? ""));
  return {
    removed: removed.map((line, at) => pairs[at]?.removed ?? plain(line)),
    added: added.map((line, at) => pairs[at]?.added ?? plain(line)),
  };
}

/** Both texts in one column: what stayed, what went, what came. */
export function diffRows(before: string, after: string): readonly Row[] {
  const row = numbering();
  const rows: Row[] = [];
  let waiting: readonly string[] = [];
  const settle = (added: readonly string[]) => {
    const sides = replaced(waiting, added);
    rows.push(...sides.removed.map((parts) => row("removed", parts)));
    rows.push(...sides.added.map((parts) => row("added", parts)));
    waiting = [];
  };
  for (const change of diffLines(before, after)) {
    const lines = linesOf(change.value);
    if (change.removed) waiting = lines;
    else if (change.added) settle(lines);
    else {
      settle([]);
      rows.push(...lines.map((line) => row("same", plain(line))));
    }
  }
  settle([]);
  return rows;
}

/** A text alone, as rows. */
export function plainRows(text: string): readonly Row[] {
  const row = numbering();
  return linesOf(text).map((line) => row("same", plain(line)));
}

function nearChange(rows: readonly Row[]): readonly boolean[] {
  const near = rows.map(() => false);
  rows.forEach(({ kind }, at) => {
    if (kind === "same") return;
    near.fill(true, Math.max(0, at - CONTEXT), at + CONTEXT + 1);
  });
  return near;
}

/** Rows in blocks: changes with a little around them shown, long unchanged parts folded. */
export function folded(rows: readonly Row[]): readonly Block[] {
  const near = nearChange(rows);
  const blocks: { kind: Block["kind"]; rows: Row[] }[] = [];
  rows.forEach((row, at) => {
    const kind = near[at] ? "shown" : "folded";
    const last = blocks.at(-1);
    if (last?.kind === kind) last.rows.push(row);
    else blocks.push({ kind, rows: [row] });
  });
  // Folding a line or two hides more than it saves.
  return blocks.map((block) => (block.rows.length <= 2 ? { ...block, kind: "shown" } : block));
}

/** "3 added, 2 removed" for those who cannot see the colours. */
export function diffSummary(rows: readonly Row[]): string {
  const amount = (kind: Row["kind"]) => rows.filter((row) => row.kind === kind).length;
  if (amount("added") + amount("removed") === 0) return "No differences";
  return `${counted(amount("added"), "line")} added, ${amount("removed")} removed`;
}
