import assert from "node:assert/strict";
import { test } from "node:test";
import { diffRows, diffSummary, folded, plainRows, type Row } from "./model.ts";

const before = `${Array.from({ length: 20 }, (_, line) => `line: ${line}`).join("\n")}\n`;
const after = before.replace("line: 10", "line: ten");

function sideOf(rows: readonly Row[], hidden: Row["kind"]): string {
  return rows
    .filter(({ kind }) => kind !== hidden)
    .map(({ parts }) => `${parts.map(({ text }) => text).join("")}\n`)
    .join("");
}

test("both texts can be read back out of the rows", () => {
  const rows = diffRows(before, after);
  assert.equal(sideOf(rows, "added"), before);
  assert.equal(sideOf(rows, "removed"), after);
});

test("only the words that differ are marked", () => {
  const [removed, added] = diffRows(before, after).filter(({ kind }) => kind !== "same");
  const marked = (row: Row | undefined) => row?.parts.filter((part) => part.marked);
  assert.deepEqual(marked(removed), [{ text: "10", marked: true }]);
  assert.deepEqual(marked(added), [{ text: "ten", marked: true }]);
});

test("lines are numbered on the side where they exist", () => {
  const [, second] = diffRows("a\n", "b\na\n");
  assert.deepEqual([second?.before, second?.after], [1, 2]);
  const [first] = diffRows("a\n", "b\na\n");
  assert.deepEqual([first?.before, first?.after], [null, 1]);
});

test("what is far from a change is folded", () => {
  const kinds = folded(diffRows(before, after)).map(({ kind, rows }) => [kind, rows.length]);
  assert.deepEqual(kinds, [
    ["folded", 7],
    ["shown", 8],
    ["folded", 6],
  ]);
});

test("folding hides nothing and doubles nothing", () => {
  const rows = diffRows(before, after);
  assert.deepEqual(
    folded(rows).flatMap((block) => block.rows),
    rows,
  );
});

test("a line or two are not worth folding", () => {
  const text = "a\nb\nc\nd\ne\n";
  const blocks = folded(diffRows(text, `${text}f\n`));
  assert.deepEqual(new Set(blocks.map(({ kind }) => kind)), new Set(["shown"]));
});

test("equal texts have no differences", () => {
  assert.equal(diffSummary(diffRows(before, before)), "No differences");
  assert.equal(diffSummary(diffRows(before, after)), "1 line added, 1 removed");
  assert.equal(plainRows("a\nb\n").length, 2);
});
