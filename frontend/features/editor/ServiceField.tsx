"use client";

import { Box, Combobox, Field, Portal, Text, useListCollection } from "@chakra-ui/react";
import { useEffect } from "react";
import type { Service } from "@/lib/api/types";
import { useFieldError } from "./errors";

type Item = { readonly value: string; readonly label: string; readonly service: Service };

function readiness({ versions }: Service): string {
  return versions
    .map(({ name, ready }) => (ready === null ? name : `${name} (${ready} ready)`))
    .join(", ");
}

function itemOf(service: Service): Item {
  const value = `${service.namespace}/${service.serviceName}`;
  return { value, label: service.serviceName, service };
}

function Choice({ item }: { item: Item }) {
  return (
    <Combobox.Item item={item} minH="9">
      <Box minW="0">
        <Text fontWeight="medium">{item.label}</Text>
        <Text fontSize="xs" color="fg.muted">
          {item.service.namespace} · {readiness(item.service) || "no versions found"}
        </Text>
      </Box>
      {item.service.ruleId && (
        <Text fontSize="xs" color="fg.muted" flexShrink="0">
          has a rule
        </Text>
      )}
    </Combobox.Item>
  );
}

type Props = {
  readonly value: string;
  readonly services: readonly Service[];
  type(serviceName: string): void;
  choose(service: Service): void;
};

/** A service: one of those found, or any name. */
export function ServiceField({ value, services, type, choose }: Props) {
  const error = useFieldError("/serviceName");
  const { collection, set, filter } = useListCollection<Item>({
    initialItems: [],
    filter: (label, typed) => label.includes(typed.toLowerCase()),
  });
  useEffect(() => set(services.map(itemOf)), [services, set]);
  const typed = (text: string) => {
    filter(text);
    type(text);
  };
  return (
    <Field.Root invalid={Boolean(error)} gap="1">
      <Combobox.Root
        collection={collection}
        size="sm"
        gap="1"
        allowCustomValue
        openOnClick
        inputValue={value}
        onInputValueChange={({ inputValue, reason }) => {
          if (reason === "input-change") typed(inputValue);
        }}
        onValueChange={({ items }) => items[0] && choose(items[0].service)}
        onOpenChange={({ open }) => open && filter("")}
      >
        <Combobox.Label fontSize="xs">Service</Combobox.Label>
        <Combobox.Control>
          <Combobox.Input
            placeholder="checkout"
            borderColor="border.control"
            spellCheck={false}
            autoFocus
          />
          <Combobox.IndicatorGroup>
            <Combobox.Trigger aria-label="Show the services that were found" />
          </Combobox.IndicatorGroup>
        </Combobox.Control>
        <Portal>
          <Combobox.Positioner>
            <Combobox.Content hidden={collection.items.length === 0}>
              {collection.items.map((item) => (
                <Choice key={item.value} item={item} />
              ))}
            </Combobox.Content>
          </Combobox.Positioner>
        </Portal>
      </Combobox.Root>
      <Field.ErrorText>{error}</Field.ErrorText>
    </Field.Root>
  );
}
