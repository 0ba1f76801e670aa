"use client";

import { Field, Flex, Input, NativeSelect, Switch, Text } from "@chakra-ui/react";
import { type ReactNode, useId, useState } from "react";

type Labelled = {
  readonly label: string;
  /** The label is for those who cannot see; what stands around says it to the others. */
  readonly quiet?: boolean;
  readonly error?: string | null;
  readonly hint?: string;
};

function Labels({ label, quiet, error, hint, children }: Labelled & { children: ReactNode }) {
  return (
    <Field.Root invalid={Boolean(error)} gap="1" minW="0">
      <Field.Label fontSize="xs" srOnly={quiet}>
        {label}
      </Field.Label>
      {children}
      {hint && <Field.HelperText>{hint}</Field.HelperText>}
      <Field.ErrorText>{error}</Field.ErrorText>
    </Field.Root>
  );
}

type TextProps = Labelled & {
  readonly value: string;
  readonly placeholder?: string;
  /** What is likely meant; anything else may be typed, too. */
  readonly suggestions?: readonly string[];
  change(value: string): void;
};

export function TextField(props: TextProps) {
  const { value, placeholder, suggestions = [], change, ...labelled } = props;
  const listId = useId();
  return (
    <Labels {...labelled}>
      <Input
        value={value}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        list={suggestions.length > 0 ? listId : undefined}
        onChange={(event) => change(event.target.value)}
      />
      {suggestions.length > 0 && (
        <datalist id={listId}>
          {suggestions.map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
      )}
    </Labels>
  );
}

type WordsProps = Labelled & {
  readonly values: readonly string[];
  readonly placeholder?: string;
  change(values: readonly string[]): void;
};

/** Several words with commas between them. */
export function WordsField({ values, change, ...rest }: WordsProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const type = (text: string) => {
    setTyped(text);
    change(text.split(/[\s,]+/).filter((word) => word !== ""));
  };
  return <TextField {...rest} value={typed ?? values.join(", ")} change={type} />;
}

type DayProps = Labelled & { readonly value: string; change(value: string): void };

export function DayField({ value, change, ...labelled }: DayProps) {
  return (
    <Labels {...labelled}>
      <Input type="date" value={value} onChange={(event) => change(event.target.value)} />
    </Labels>
  );
}

type NumberProps = Labelled & {
  readonly value: number | null;
  readonly unit?: string;
  /** Empty means "none" instead of being refused. */
  readonly optional?: boolean;
  change(value: number | null): void;
};

function parsed(text: string, optional: boolean): number | null | undefined {
  if (text.trim() === "") return optional ? null : undefined;
  const number = Number(text.replace(",", "."));
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}

/** A number that is taken over as soon as what stands there is one. */
export function NumberField({ value, unit, optional = false, change, ...labelled }: NumberProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const type = (text: string) => {
    setTyped(text);
    const number = parsed(text, optional);
    if (number !== undefined) change(number);
  };
  return (
    <Labels {...labelled}>
      <Flex align="center" gap="1.5" w="full">
        <Input
          inputMode="decimal"
          maxW="28"
          value={typed ?? value ?? ""}
          placeholder={optional ? "none" : undefined}
          autoComplete="off"
          onChange={(event) => type(event.target.value)}
          onBlur={() => setTyped(null)}
        />
        {unit && (
          <Text as="span" fontSize="xs" color="fg.muted">
            {unit}
          </Text>
        )}
      </Flex>
    </Labels>
  );
}

type ChoiceProps = Labelled & {
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  change(value: string): void;
};

export function Choice({ value, options, change, ...labelled }: ChoiceProps) {
  return (
    <Labels {...labelled}>
      <NativeSelect.Root size="sm">
        <NativeSelect.Field
          value={value}
          onChange={(event) => change(event.target.value)}
          bg="bg.panel"
          borderColor="border.control"
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.text}
            </option>
          ))}
        </NativeSelect.Field>
        <NativeSelect.Indicator />
      </NativeSelect.Root>
    </Labels>
  );
}

type ToggleProps = {
  readonly label: string;
  readonly hint: string;
  readonly on: boolean;
  turn(on: boolean): void;
};

export function Toggle({ label, hint, on, turn }: ToggleProps) {
  return (
    <Switch.Root
      size="sm"
      colorPalette="accent"
      checked={on}
      onCheckedChange={({ checked }) => turn(checked)}
      display="flex"
      justifyContent="space-between"
      gap="4"
      minH="6"
    >
      <Switch.HiddenInput />
      <Switch.Label lineHeight="short" fontWeight="medium">
        {label}
        <Text as="span" display="block" fontSize="xs" fontWeight="normal" color="fg.muted">
          {hint}
        </Text>
      </Switch.Label>
      <Switch.Control>
        <Switch.Thumb />
      </Switch.Control>
    </Switch.Root>
  );
}
