"use client";

import { Flex, IconButton, Text } from "@chakra-ui/react";
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";

const SHOWN_MS = 1_500;

/** A line to be pasted elsewhere. */
export function CopyLine({ text, label }: { text: string; label: string }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <Flex align="center" gap="1" minW="0">
      <Text as="code" fontSize="xs" color="fg.muted" overflowWrap="anywhere">
        {text}
      </Text>
      <IconButton
        variant="ghost"
        size="2xs"
        aria-label={isCopied ? "Copied" : label}
        title={label}
        onClick={() => navigator.clipboard.writeText(text).then(() => setCopied(true))}
      >
        {isCopied ? <Check /> : <Copy />}
      </IconButton>
    </Flex>
  );
}
