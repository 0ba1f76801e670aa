"use client";

import { Box, Combobox, Field, Text, useListCollection } from "@chakra-ui/react";
import { useEffect, useEffectEvent, useId } from "react";
import { PodsText } from "@/features/pods/PodsText";
import type { Service } from "@/lib/api/types";
import { type Discovered, isTyped, versionLines } from "./discovered";
import { useFieldError } from "./errors";

type Item = { readonly value: string; readonly label: string; readonly service: Service };

const MOST_SHOWN = 50;

function itemOf(service: Service): Item {
  const value = `${service.namespace}/${service.serviceName}`;
  return { value, label: service.serviceName, service };
}

function Choice({ item }: { item: Item }) {
  const lines = versionLines(item.service);
  return (
    <Combobox.Item item={item} flex="0 0 auto">
      <Box minW="0">
        <Text fontWeight="medium" truncate>
          {item.label}
        </Text>
        <Text fontSize="xs" color="fg.muted">
          {item.service.namespace}
          {lines.length === 0 && " · no versions found"}
          {lines.map(({ name, pods }) => (
            <Box as="span" key={name} display="inline-block">
              &nbsp;· {name} <PodsText pods={pods} brief />
            </Box>
          ))}
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
  readonly discovered: Discovered;
  type(serviceName: string): void;
  choose(service: Service): void;
};

/** Those still without a rule first. */
function items(services: readonly Service[]): Item[] {
  const taken = ({ ruleId }: Service) => Number(ruleId !== null);
  return services.toSorted((one, other) => taken(one) - taken(other)).map(itemOf);
}

/** A service: one of those found, or any name. */
export function ServiceField({ value, discovered, type, choose }: Props) {
  const { services, trouble } = discovered;
  const error = useFieldError("/serviceName");
  const errorId = useId();
  const { collection, set, filter } = useListCollection<Item>({
    initialItems: [],
    limit: MOST_SHOWN,
    filter: (_, typed, { service }) => isTyped(service, typed),
  });
  const refill = useEffectEvent((found: readonly Service[]) => {
    set(items(found));
    filter(value);
  });
  useEffect(() => refill(services), [services]);
  const typed = (text: string) => {
    filter(text);
    type(text);
  };
  return (
    <Field.Root invalid={Boolean(error)} ids={{ errorText: errorId }} gap="1">
      <Combobox.Root
        collection={collection}
        size="sm"
        gap="1"
        invalid={Boolean(error)}
        allowCustomValue
        openOnClick
        positioning={{ strategy: "fixed", sameWidth: true }}
        inputValue={value}
        onValueChange={({ items }) => items[0] && choose(items[0].service)}
        // Opened by typing, it shows what was typed for; opened otherwise, everything.
        onOpenChange={({ open, reason }) => open && reason !== "input-change" && filter("")}
      >
        <Combobox.Label fontSize="xs">Service</Combobox.Label>
        <Combobox.Control>
          <Combobox.Input
            placeholder="checkout"
            borderColor="border.control"
            spellCheck={false}
            // Focused by the dialog; `autoFocus` is too early for the combobox to notice.
            data-autofocus
            aria-errormessage={error ? errorId : undefined}
            onChange={(event) => typed(event.currentTarget.value)}
          />
          <Combobox.IndicatorGroup>
            <Combobox.Trigger aria-label="Show the services that were found" />
          </Combobox.IndicatorGroup>
        </Combobox.Control>
        {/* Not in a portal: outside the dialog it would be hidden from assistive tech. */}
        <Combobox.Positioner>
          <Combobox.Content maxH="72" p="1" borderWidth="1px">
            {collection.items.map((item) => (
              <Choice key={item.value} item={item} />
            ))}
          </Combobox.Content>
        </Combobox.Positioner>
      </Combobox.Root>
      {trouble && (
        <Text fontSize="xs" color="fg.warning" role="status">
          {trouble} A name can be typed all the same.
        </Text>
      )}
      <Field.ErrorText>{error}</Field.ErrorText>
    </Field.Root>
  );
}
