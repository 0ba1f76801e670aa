"use client";

import { Box, Text } from "@chakra-ui/react";
import { CopyLine } from "@/components/ui/CopyLine";
import { useMe } from "@/features/shell/hooks";
import type { Preview } from "@/lib/api/types";
import { addCommand, type RuleForm } from "./model";

type Props = { readonly preview: Preview; readonly form: RuleForm };

/** Embedded, a service without addresses is mended by one command. */
export function LocalHint({ preview, form }: Props) {
  const { data: me } = useMe();
  const isMissing = preview.findings.some(({ code }) => code === "no-endpoints");
  if (!isMissing || me?.surrounding !== "embedded") return null;
  return (
    <Box>
      <Text fontSize="xs" color="fg.muted" mb="1">
        Say where the versions listen, with their real addresses, then preview again:
      </Text>
      <CopyLine text={addCommand(form)} label="Copy the command" />
    </Box>
  );
}
