"use client";

import { Box, Button, Flex, Heading, Stack, Text } from "@chakra-ui/react";
import { Plus, Rows3 } from "lucide-react";
import { useRef } from "react";
import type { Pods } from "@/features/pods/model";
import { SplitBar } from "@/features/traffic/SplitBar";
import { splitText } from "@/lib/format";
import { type ArmActs, ArmRow } from "./ArmRow";
import { withArm, withArmChanged, withEvenArms, withoutArm } from "./edits";
import type { Edit } from "./hooks";
import { type Arm, isStuck, type RuleForm } from "./model";
import { MOST_VERSIONS, withWeight } from "./split";

type Props = {
  readonly form: RuleForm;
  readonly edit: Edit;
  podsOf(arm: Arm): Pods | null;
};

/** Weights are divided as they stood when the move began, so that going back restores them. */
function useMoves(arms: readonly Arm[], edit: Edit) {
  const before = useRef<readonly Arm[] | null>(null);
  return {
    move: (position: number, weight: number) => {
      before.current ??= arms;
      const moved = withWeight(before.current, position, weight);
      edit((form) => ({
        ...form,
        arms: form.arms.map((arm, at) => ({ ...arm, weight: moved[at]?.weight ?? arm.weight })),
      }));
    },
    settle: () => {
      before.current = null;
    },
  };
}

export function SplitEditor({ form, edit, podsOf }: Props) {
  const { arms } = form;
  const { move, settle } = useMoves(arms, edit);
  const stuck = isStuck(form);
  const shares = arms.map(({ name, weight }) => ({ name, weight: weight / 100 }));
  const actsOn = ({ key }: Arm, position: number): ArmActs => ({
    rename: (name) => edit((now) => withArmChanged(now, key, { name })),
    move: (weight) => move(position, weight),
    settle,
    lock: (locked) => edit((now) => withArmChanged(now, key, { locked })),
    remove: () => edit((now) => withoutArm(now, key)),
  });
  return (
    <Box as="section" aria-labelledby="split-heading">
      <Flex justify="space-between" align="center" mb="2">
        <Heading as="h3" id="split-heading" fontSize="sm" fontWeight="medium">
          Traffic split
        </Heading>
        <Button
          variant="ghost"
          size="xs"
          disabled={stuck}
          onClick={() => edit(withEvenArms)}
          title="Divide what is not locked evenly"
        >
          <Rows3 aria-hidden="true" /> Even
        </Button>
      </Flex>
      <SplitBar
        wanted={shares.map(({ weight }) => weight)}
        observed={shares.map(({ weight }) => weight)}
        label={splitText(shares)}
        height="12px"
        plain
      />
      <Stack as="ul" gap={{ base: "3", sm: "2" }} mt="3">
        {arms.map((arm, position) => (
          <ArmRow
            key={arm.key}
            arm={arm}
            position={position}
            pods={podsOf(arm)}
            isFixed={arm.locked || (stuck && arms.length > 0)}
            isLast={arms.length === 1}
            acts={actsOn(arm, position)}
          />
        ))}
      </Stack>
      <Flex justify="space-between" align="center" mt="2">
        <Button
          variant="ghost"
          size="xs"
          colorPalette="accent"
          ms="-2"
          disabled={arms.length >= MOST_VERSIONS}
          onClick={() => edit(withArm)}
        >
          <Plus aria-hidden="true" /> Add version
        </Button>
        <Text fontSize="xs" color="fg.muted">
          {stuck && arms.length > 1 ? "Unlock two versions to move traffic" : "Total 100%"}
        </Text>
      </Flex>
    </Box>
  );
}
