"use client";

import { Stack, Text } from "@chakra-ui/react";
import { Confirm } from "@/components/ui/Confirm";
import { Trouble } from "@/components/ui/Trouble";
import { useRule, useRuleActs } from "@/features/rule/hooks";
import { useSurrounding } from "@/features/shell/hooks";
import { SplitBar } from "@/features/traffic/SplitBar";
import { VersionLegend } from "@/features/traffic/VersionLegend";
import { asApiError } from "@/lib/api/problem";
import type { Revision } from "@/lib/api/types";
import { splitText } from "@/lib/format";
import { useRevision, useRevisions } from "./hooks";
import { rollbackTarget } from "./model";

type Props = {
  readonly ruleId: string;
  /** Null: wherever "roll back" leads. */
  readonly generation: number | null;
  close(): void;
};

function Result({ target }: { target: Revision }) {
  const shares = target.intent.versions;
  const weights = shares.map(({ weight }) => weight);
  const isThroughGit = useSurrounding() === "git-only";
  return (
    <Stack gap="3">
      <Text>
        Back to revision {target.generation}: <b>{splitText(shares)}</b>.{" "}
        {isThroughGit
          ? "It goes through Git to the cluster."
          : "The mesh first, Git right behind it."}
      </Text>
      <div>
        <SplitBar wanted={weights} observed={weights} label={splitText(shares)} plain />
        <VersionLegend shares={shares} limit={5} />
      </div>
    </Stack>
  );
}

function useTarget({ ruleId, generation }: Omit<Props, "close">) {
  const page = useRevisions(ruleId);
  const chosen = useRevision(ruleId, generation);
  const error: unknown = generation === null ? page.error : chosen.error;
  if (generation !== null) return { target: chosen.data ?? null, isKnown: !!chosen.data, error };
  return { target: rollbackTarget(page.data?.items ?? []), isKnown: !!page.data, error };
}

/** Asks once, and names what will be. */
export function RollbackDialog({ ruleId, generation, close }: Props) {
  const { data: rule } = useRule(ruleId);
  const { target, isKnown, error } = useTarget({ ruleId, generation });
  const { rollBack } = useRuleActs(ruleId);
  if (!isKnown && !error) return null;
  const verb = generation === null ? "Roll back" : "Restore";
  return (
    <Confirm
      title={target ? `${verb} ${rule?.serviceName ?? ""}?` : "Nothing to go back to"}
      act={target && `${verb} to revision ${target.generation}`}
      confirm={() => target && rollBack(target.generation)}
      close={close}
    >
      {target && <Result target={target} />}
      {!target && !error && "No earlier revision of this rule ever took effect."}
      {error ? <Trouble error={asApiError(error)} /> : null}
    </Confirm>
  );
}
