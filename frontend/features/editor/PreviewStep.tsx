"use client";

import { Box, chakra, Flex, Stack, Text } from "@chakra-ui/react";
import { CircleX, Info, TriangleAlert } from "lucide-react";
import { TextField } from "@/components/ui/fields";
import { Diff } from "@/features/diff/Diff";
import type { Finding, Preview } from "@/lib/api/types";
import { LocalHint } from "./LocalHint";
import type { RuleForm } from "./model";

const looks = {
  blocker: { icon: CircleX, color: "fg.error", word: "In the way" },
  warning: { icon: TriangleAlert, color: "fg.warning", word: "Warning" },
  info: { icon: Info, color: "fg.muted", word: "Note" },
} as const;

function FindingLine({ finding }: { finding: Finding }) {
  const { icon: Icon, color, word } = looks[finding.severity];
  return (
    <Flex as="li" gap="2" align="start">
      <Box color={color} pt="0.5" flexShrink="0">
        <Icon size={15} aria-label={word} />
      </Box>
      <Text>{finding.message}</Text>
    </Flex>
  );
}

const places = { git: "Git", envoy: "Envoy" } as const;

function Document({ document }: { document: Preview["documents"][number] }) {
  const { target, path, current, proposed } = document;
  const isSame = current === proposed;
  return (
    <Box>
      <Flex align="baseline" gap="2" mb="1" fontSize="xs" minW="0">
        <Text fontWeight="medium">{places[target]}</Text>
        <Text as="code" color="fg.muted" truncate title={path}>
          {path}
        </Text>
        <Text color="fg.muted" ms="auto" flexShrink="0">
          {current === null && "new"}
          {isSame && "unchanged"}
        </Text>
      </Flex>
      {!isSame && (
        <Diff before={current} after={proposed} label={`${places[target]} document ${path}`} />
      )}
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
};

/** What a deploy would do, before anything happens. */
export function PreviewStep({ preview, form, reason, setReason }: Props) {
  const { summary, findings, documents, commitMessage, changes } = preview;
  return (
    <Stack gap="4">
      <Text fontSize="md" fontWeight="medium">
        {changes ? summary : "Nothing changes: this is what is deployed already"}
      </Text>
      {findings.length > 0 && (
        <Stack as="ul" gap="1.5" aria-label="Findings">
          {findings.map((finding) => (
            <FindingLine key={`${finding.code} ${finding.pointer}`} finding={finding} />
          ))}
        </Stack>
      )}
      <LocalHint preview={preview} form={form} />
      {documents.map((document) => (
        <Document key={`${document.target} ${document.path}`} document={document} />
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
