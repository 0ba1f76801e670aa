"use client";

import { Button, Flex } from "@chakra-ui/react";
import { Choice, DayField, TextField } from "@/components/ui/fields";
import { useSettled } from "@/lib/settled";
import { useAuditFilters } from "./hooks";
import { ACTIONS, actionWords } from "./model";

const OPTIONS = [
  { value: "", text: "Everything" },
  ...ACTIONS.map((value) => ({ value, text: actionWords(value) })),
];
const NONE = { actor: null, action: null, service: null, from: null, to: null, before: null };

type SettledProps = {
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  change(value: string): void;
};

function SettledField({ value, change, ...rest }: SettledProps) {
  const [text, setText] = useSettled(value, change);
  return <TextField {...rest} value={text} change={setText} />;
}

/** Who, what and when. */
export function AuditFilters() {
  const { filters, change } = useAuditFilters();
  const set = (name: string) => (value: string) => change({ [name]: value, before: null });
  const { before: _, ...chosen } = filters;
  const isFiltered = Object.values(chosen).some((value) => value !== "");
  return (
    <Flex
      as="form"
      gap="3"
      wrap="wrap"
      align="end"
      onSubmit={(event) => event.preventDefault()}
      css={{ "& > *": { flex: "1 1 130px", minWidth: 0 }, "& > button": { flex: "0 0 auto" } }}
    >
      <SettledField label="Who" placeholder="anyone" value={filters.actor} change={set("actor")} />
      <Choice label="What" value={filters.action} options={OPTIONS} change={set("action")} />
      <SettledField
        label="Service"
        placeholder="any"
        value={filters.service}
        change={set("service")}
      />
      <DayField label="From" value={filters.from} change={set("from")} />
      <DayField label="To" value={filters.to} change={set("to")} />
      {isFiltered && (
        <Button variant="ghost" onClick={() => change(NONE)}>
          Clear
        </Button>
      )}
    </Flex>
  );
}
