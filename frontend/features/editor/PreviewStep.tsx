"use client";

import { Box, Button, chakra, Flex, Stack, Text } from "@chakra-ui/react";
import { CircleX, Info, TriangleAlert } from "lucide-react";
import { TextField } from "@/components/ui/fields";
import { Diff } from "@/features/diff/Diff";
import type { Finding, Preview } from "@/lib/api/types";
import { type Comparison, comparisons } from "./comparisons";
import { LocalHint } from "./LocalHint";
import type { RuleForm } from "./model";
import { isMendable } from "./pointers";

const looks = {
  blocker: { icon: CircleX, color: "fg.error", word: "In the way" },
  warning: { icon: TriangleAlert, color: "fg.warning", word: "Warning" },
  info: { icon: Info, color: "fg.muted", word: "Note" },
} as const;

type FindingProps = { readonly finding: Finding; mend(): void };

function FindingLine({ finding, mend }: FindingProps) {
  const { icon: Icon, color, word } = looks[finding.severity];
  return (
    <Flex as="li" gap="2" align="start">
      <Box color={color} pt="0.5" flexShrink="0">
        <Icon size={15} aria-label={word} />
      </Box>
      <Text flex="1" overflowWrap="anywhere">
        {finding.message}
      </Text>
      {isMendable(finding) && (
        <Button size="2xs" onClick={mend}>
          Go to the field
        </Button>
      )}
    </Flex>
  );
}

function Document({ comparison }: { comparison: Comparison }) {
  const { places, path, current, proposed } = comparison;
  const isSame = current === proposed;
  return (
    <Box>
      <Flex align="baseline" gap="2" mb="1" fontSize="xs" minW="0">
        <Text fontWeight="medium">{places}</Text>
        <Text as="code" color="fg.muted" truncate title={path}>
          {path}
        </Text>
        <Text color="fg.muted" ms="auto" flexShrink="0">
          {current === null && "new"}
          {isSame && "unchanged"}
        </Text>
      </Flex>
      {!isSame && <Diff before={current} after={proposed} label={`${places} document ${path}`} />}
    </Box>
  );
}

const Message = chakra("pre", {
  base: {
    fontSize: "12px",
    p: "3",
    bg: "bg.subtle",
    borderWidth: "1px",
    rounded: "l2",
    whiteSpace: "pre-wrap",
    overflowWrap: "anywhere",
  },
});

type Props = {
  readonly preview: Preview;
  readonly form: RuleForm;
  readonly reason: string;
  setReason(reason: string): void;
  /** Back to the field that something is wrong with. */
  mend(): void;
};

/** What a deploy would do, before anything happens. */
export function PreviewStep({ preview, form, reason, setReason, mend }: Props) {
  const { summary, findings, documents, commitMessage, changes } = preview;
  return (
    <Stack gap="4">
      <Text fontSize="md" fontWeight="medium">
        {changes ? summary : "Nothing changes: this is what is deployed already"}
      </Text>
      {findings.length > 0 && (
        <Stack as="ul" gap="1.5" aria-label="Findings">
          {findings.map((finding) => (
            <FindingLine
              key={`${finding.code} ${finding.pointer} ${finding.message}`}
              finding={finding}
              mend={mend}
            />
          ))}
        </Stack>
      )}
      <LocalHint preview={preview} form={form} />
      {comparisons(documents).map((comparison) => (
        <Document key={comparison.places} comparison={comparison} />
      ))}
      <Box>
        <Text fontSize="xs" fontWeight="medium" mb="1">
          Commit message
        </Text>
        <Message>{commitMessage.trimEnd()}</Message>
      </Box>
      <TextField
        label="Reason"
        hint="Optional; kept in the history"
        value={reason}
        change={setReason}
      />
    </Stack>
  );
}
