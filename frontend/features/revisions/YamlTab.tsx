"use client";

import { Flex, Stack, Text } from "@chakra-ui/react";
import { Bone } from "@/components/ui/Bone";
import { CopyLine } from "@/components/ui/CopyLine";
import { Choice } from "@/components/ui/fields";
import { Trouble } from "@/components/ui/Trouble";
import { Diff } from "@/features/diff/Diff";
import { asApiError } from "@/lib/api/problem";
import type { Revision, RevisionDetail, Rule, TargetKind } from "@/lib/api/types";
import { useQueryState } from "@/lib/query";
import { useRevision, useRevisions } from "./hooks";

const NAMES: Record<TargetKind, string> = {
  git: "Git (Istio)",
  envoy: "Envoy",
  cluster: "Cluster",
};

function documentOf(revision: RevisionDetail | undefined, target: TargetKind) {
  return revision?.documents.find((document) => document.target === target) ?? null;
}

function choices(revisions: readonly Revision[], current: number) {
  return revisions.map(({ generation }) => ({
    value: String(generation),
    text: generation === current ? `revision ${generation} (now)` : `revision ${generation}`,
  }));
}

type PickerProps = {
  readonly revisions: readonly Revision[];
  readonly current: number;
  readonly shown: number;
  readonly other: number | null;
  readonly target: TargetKind;
  readonly targets: readonly TargetKind[];
};

function Pickers({ revisions, current, shown, other, target, targets }: PickerProps) {
  const { change } = useQueryState();
  const all = choices(revisions, current);
  const others = [
    { value: "", text: "nothing" },
    ...all.filter(({ value }) => value !== String(shown)),
  ];
  return (
    <Flex gap="3" wrap="wrap" css={{ "& > *": { width: "auto", minWidth: "150px" } }}>
      <Choice
        label="Document for"
        value={target}
        options={targets.map((kind) => ({ value: kind, text: NAMES[kind] }))}
        change={(value) => change({ target: value })}
      />
      <Choice
        label="Show"
        value={String(shown)}
        options={all}
        change={(value) => change({ rev: value })}
      />
      <Choice
        label="Compare with"
        value={other === null ? "" : String(other)}
        options={others}
        change={(value) => change({ with: value })}
      />
    </Flex>
  );
}

type ComparisonProps = {
  readonly ruleId: string;
  readonly shown: number;
  readonly other: number | null;
  readonly target: TargetKind;
};

function Comparison({ ruleId, shown, other, target }: ComparisonProps) {
  const revision = useRevision(ruleId, shown);
  const earlier = useRevision(ruleId, other);
  const failure: unknown = revision.error ?? earlier.error;
  if (failure) return <Trouble error={asApiError(failure)} />;
  const isHere = revision.data?.generation === shown;
  const isOtherHere = other === null || earlier.data?.generation === other;
  if (!isHere || !isOtherHere) return <Bone h="64" />;
  const document = documentOf(revision.data, target);
  if (!document) return <Text color="fg.muted">This revision has no such document.</Text>;
  const before = documentOf(earlier.data, target)?.content ?? "";
  return (
    <>
      <CopyLine text={document.path} label="Copy the path" />
      <Diff
        before={other === null ? null : before}
        after={document.content}
        label={`Revision ${shown}`}
      />
    </>
  );
}

/** The documents of a revision, alone or beside those of any other. */
export function YamlTab({ rule }: { rule: Rule }) {
  const { params } = useQueryState();
  const { data: page, error } = useRevisions(rule.id);
  if (rule.generation === null) {
    return <Text color="fg.muted">Nothing was deployed yet. Preview shows what would be.</Text>;
  }
  if (error) return <Trouble error={asApiError(error)} />;
  const targets = rule.targets.map(({ kind }) => kind);
  const choice = {
    shown: Number(params.get("rev")) || rule.generation,
    other: Number(params.get("with")) || null,
    target: targets.find((kind) => kind === params.get("target")) ?? "git",
  };
  return (
    <Stack gap="3">
      <Pickers
        revisions={page?.items ?? []}
        current={rule.generation}
        targets={targets}
        {...choice}
      />
      <Comparison ruleId={rule.id} {...choice} />
    </Stack>
  );
}
