"use client";

import { Button, Flex, Stack, Text } from "@chakra-ui/react";
import { GitMerge } from "lucide-react";
import { Ago } from "@/components/ui/Ago";
import { Notice } from "@/components/ui/Notice";
import { Diff } from "@/features/diff/Diff";
import type { Rule } from "@/lib/api/types";
import { formOf, inputOf, type RuleForm } from "./model";

type Props = {
  readonly theirs: Rule;
  readonly base: RuleForm | null;
  resolve(keep: "mine" | "theirs"): void;
};

function readable(form: RuleForm): string {
  return JSON.stringify(inputOf(form), null, 2);
}

/** Somebody else edited the rule meanwhile: their edit, and the choice between it and ours. */
export function Conflict({ theirs, base, resolve }: Props) {
  return (
    <Notice
      tone="warning"
      icon={GitMerge}
      role="alert"
      mb="4"
      align="start"
      title="Somebody else changed this rule while you were editing"
    >
      <Stack gap="2" mt="1">
        <Text>
          Your input is still here. The other edit was saved <Ago at={theirs.updatedAt} />:
        </Text>
        <Diff
          before={base ? readable(base) : null}
          after={readable(formOf(theirs))}
          label="The other edit"
        />
        <Flex gap="2" wrap="wrap">
          <Button size="xs" onClick={() => resolve("mine")}>
            Keep mine, on top of it
          </Button>
          <Button size="xs" onClick={() => resolve("theirs")}>
            Take theirs
          </Button>
        </Flex>
      </Stack>
    </Notice>
  );
}
