"use client";

import { Box, chakra, VisuallyHidden } from "@chakra-ui/react";
import { UnfoldVertical } from "lucide-react";
import { useMemo, useState } from "react";
import { type Block, diffRows, diffSummary, folded, plainRows, type Row } from "./model";

const Line = chakra("div", {
  base: { display: "flex", minW: "max-content", pe: "4" },
  variants: {
    kind: {
      same: {},
      added: { bg: "bg.added", "& mark": { bg: "bg.addedMark" } },
      removed: { bg: "bg.removed", "& mark": { bg: "bg.removedMark" } },
    },
  },
});

const Mark = chakra("mark", { base: { color: "inherit", rounded: "2px" } });

const LineNumber = chakra("span", {
  base: {
    w: "9",
    pe: "2",
    textAlign: "end",
    color: "fg.subtle",
    flexShrink: "0",
    userSelect: "none",
  },
});

const Unfold = chakra("button", {
  base: {
    display: "flex",
    alignItems: "center",
    gap: "2",
    w: "full",
    minH: "6",
    px: "3",
    fontFamily: "body",
    fontSize: "xs",
    color: "fg.muted",
    bg: "bg.subtle",
    borderYWidth: "1px",
    _first: { borderTopWidth: "0" },
    _last: { borderBottomWidth: "0" },
    cursor: "pointer",
    focusVisibleRing: "inside",
    _hover: { color: "fg" },
  },
});

const signs = { same: " ", added: "+", removed: "−" };
const words = { same: "", added: "added: ", removed: "removed: " };

function DiffLine({ row, isAlone }: { row: Row; isAlone: boolean }) {
  return (
    <Line kind={row.kind}>
      {!isAlone && (
        <LineNumber aria-hidden="true" hideBelow="sm">
          {row.before}
        </LineNumber>
      )}
      <LineNumber aria-hidden="true">{row.after}</LineNumber>
      <Box as="span" w="5" flexShrink="0" aria-hidden="true">
        {signs[row.kind]}
      </Box>
      {row.kind !== "same" && <VisuallyHidden>{words[row.kind]}</VisuallyHidden>}
      <Box as="code" whiteSpace="pre">
        {row.parts.map(({ text, marked }, at) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of a line have no other identity
          marked ? <Mark key={at}>{text}</Mark> : text,
        )}
      </Box>
    </Line>
  );
}

function rowKey({ before, after }: Row): string {
  return `${before}/${after}`;
}

function DiffBlock({ block, isAlone }: { block: Block; isAlone: boolean }) {
  const [isOpen, setOpen] = useState(block.kind === "shown");
  if (!isOpen) {
    return (
      <Unfold type="button" onClick={() => setOpen(true)}>
        <UnfoldVertical size={13} aria-hidden="true" />
        {block.rows.length} unchanged lines
      </Unfold>
    );
  }
  return block.rows.map((row) => <DiffLine key={rowKey(row)} row={row} isAlone={isAlone} />);
}

export type DiffProps = {
  /** Null: there was nothing before, so the text is shown as it is. */
  readonly before: string | null;
  readonly after: string;
  readonly label: string;
};

/** Two texts in one column, unchanged parts folded. */
export function DiffView({ before, after, label }: DiffProps) {
  const rows = useMemo(
    () => (before === null ? plainRows(after) : diffRows(before, after)),
    [before, after],
  );
  const hasChanges = rows.some(({ kind }) => kind !== "same");
  const blocks: readonly Block[] = hasChanges ? folded(rows) : [{ kind: "shown", rows }];
  return (
    <Box
      role="region"
      aria-label={before === null ? label : `${label}: ${diffSummary(rows)}`}
      // What scrolls must be reachable by key.
      tabIndex={0}
      overflowX="auto"
      maxH={before === null ? "26rem" : undefined}
      borderWidth="1px"
      rounded="l2"
      fontFamily="mono"
      fontSize="12px"
      lineHeight="1.6"
      focusVisibleRing="outside"
    >
      {blocks.map((block) => (
        <DiffBlock
          key={block.rows[0] ? rowKey(block.rows[0]) : ""}
          block={block}
          isAlone={before === null}
        />
      ))}
    </Box>
  );
}
