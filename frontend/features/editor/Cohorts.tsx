"use client";

import { Box, Button, Grid, IconButton, Stack, Text } from "@chakra-ui/react";
import { Plus, Trash2, X } from "lucide-react";
import { Choice, TextField } from "@/components/ui/fields";
import type { Condition } from "@/lib/api/types";
import { NEW_CONDITION, tidied, withCohort, withCohortChanged, withoutCohort } from "./edits";
import { useFieldError } from "./errors";
import type { Edit } from "./hooks";
import type { CohortForm, RuleForm } from "./model";

const SOURCES = [
  { value: "header", text: "Header" },
  { value: "cookie", text: "Cookie" },
  { value: "query", text: "Query parameter" },
  { value: "path", text: "Path" },
];
const OPERATORS = [
  { value: "exact", text: "is" },
  { value: "prefix", text: "starts with" },
  { value: "regex", text: "matches" },
  { value: "present", text: "is present" },
];

type ConditionProps = {
  readonly condition: Condition;
  readonly at: string;
  readonly isOnly: boolean;
  change(condition: Condition): void;
  remove(): void;
};

function ConditionRow({ condition, at, isOnly, change, remove }: ConditionProps) {
  const nameError = useFieldError(`${at}/name`);
  const valueError = useFieldError(`${at}/value`);
  const set = (part: Partial<Condition>) => change(tidied({ ...condition, ...part }));
  return (
    <Grid
      as="li"
      templateColumns={{ base: "1fr 1fr auto", sm: "8.5rem 1fr 7rem 1fr auto" }}
      gap="2"
      alignItems="start"
    >
      <Choice
        quiet
        label="What to look at"
        value={condition.source}
        options={SOURCES}
        change={(value) => set({ source: value as Condition["source"] })}
      />
      <Box gridColumn={{ base: "2 / 4", sm: "auto" }}>
        {condition.source !== "path" && (
          <TextField
            quiet
            label={`Name of the ${condition.source}`}
            placeholder="x-tester"
            value={condition.name}
            error={nameError}
            change={(name) => set({ name })}
          />
        )}
      </Box>
      <Choice
        quiet
        label="How to compare"
        value={condition.operator}
        options={OPERATORS}
        change={(value) => set({ operator: value as Condition["operator"] })}
      />
      <Box>
        {condition.operator !== "present" && (
          <TextField
            quiet
            label="Value"
            placeholder={condition.source === "path" ? "/beta" : "yes"}
            value={condition.value}
            error={valueError}
            change={(value) => set({ value })}
          />
        )}
      </Box>
      <IconButton
        variant="ghost"
        size="xs"
        mt="0.5"
        aria-label="Remove this condition"
        disabled={isOnly}
        onClick={remove}
      >
        <X />
      </IconButton>
    </Grid>
  );
}

type CohortProps = {
  readonly cohort: CohortForm;
  readonly position: number;
  readonly form: RuleForm;
  readonly edit: Edit;
};

function Conditions({ cohort, position, edit }: Omit<CohortProps, "form">) {
  const set = (conditions: readonly Condition[]) =>
    edit((now) => withCohortChanged(now, cohort.key, { conditions }));
  return (
    <>
      <Text fontSize="xs" color="fg.muted">
        {cohort.conditions.length > 1 ? "where all of these hold:" : "where this holds:"}
      </Text>
      <Stack as="ul" gap="2">
        {cohort.conditions.map((condition, at) => (
          <ConditionRow
            // biome-ignore lint/suspicious/noArrayIndexKey: a condition has no identity but its place
            key={at}
            condition={condition}
            at={`/cohorts/${position}/conditions/${at}`}
            isOnly={cohort.conditions.length === 1}
            change={(changed) => set(cohort.conditions.with(at, changed))}
            remove={() => set(cohort.conditions.toSpliced(at, 1))}
          />
        ))}
      </Stack>
      <Button
        variant="ghost"
        size="xs"
        alignSelf="start"
        ms="-2"
        onClick={() => set([...cohort.conditions, NEW_CONDITION])}
      >
        <Plus aria-hidden="true" /> Add condition
      </Button>
    </>
  );
}

function CohortBox({ cohort, position, form, edit }: CohortProps) {
  const change = (part: Partial<CohortForm>) =>
    edit((now) => withCohortChanged(now, cohort.key, part));
  const versions = form.arms.map(({ key, name }) => ({ value: String(key), text: name }));
  const nobody = { value: "", text: "choose a version" };
  return (
    <Stack as="li" gap="2" p="3" borderWidth="1px" rounded="l2">
      <Grid templateColumns="1fr 1fr auto" gap="2" alignItems="end">
        <TextField
          label="Who"
          value={cohort.name}
          error={useFieldError(`/cohorts/${position}/name`)}
          change={(name) => change({ name })}
        />
        <Choice
          label="go to"
          value={cohort.armKey === null ? "" : String(cohort.armKey)}
          error={useFieldError(`/cohorts/${position}/version`)}
          options={cohort.armKey === null ? [nobody, ...versions] : versions}
          change={(value) => change({ armKey: value === "" ? null : Number(value) })}
        />
        <IconButton
          variant="ghost"
          size="xs"
          mb="0.5"
          aria-label={`Remove ${cohort.name || "these testers"}`}
          onClick={() => edit((now) => withoutCohort(now, cohort.key))}
        >
          <Trash2 />
        </IconButton>
      </Grid>
      <Conditions cohort={cohort} position={position} edit={edit} />
    </Stack>
  );
}

/** Requests that go to a version whatever the weights. */
export function Cohorts({ form, edit }: { form: RuleForm; edit: Edit }) {
  return (
    <Stack gap="2">
      <Box>
        <Text fontWeight="medium">Testers</Text>
        <Text fontSize="xs" color="fg.muted">
          Requests picked out by header, cookie, path or query, whatever the weights
        </Text>
      </Box>
      {form.cohorts.length > 0 && (
        <Stack as="ul" gap="2">
          {form.cohorts.map((cohort, position) => (
            <CohortBox
              key={cohort.key}
              cohort={cohort}
              position={position}
              form={form}
              edit={edit}
            />
          ))}
        </Stack>
      )}
      <Button size="xs" alignSelf="start" onClick={() => edit(withCohort)}>
        <Plus aria-hidden="true" /> Add testers
      </Button>
    </Stack>
  );
}
