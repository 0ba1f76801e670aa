"use client";

import { Flex, NativeSelect } from "@chakra-ui/react";
import { FIRST_PAGE, useRuleFilters } from "./hooks";
import type { Counts } from "./model";
import { SearchField } from "./SearchField";
import { StateChips } from "./StateChips";

/** Counts are null until they are known. */
type Props = { readonly counts: Counts | null; readonly namespaces: readonly string[] };

function NamespaceFilter({ namespaces }: { namespaces: readonly string[] }) {
  const { filters, change } = useRuleFilters();
  const chosen = filters.namespace ?? "";
  const options = namespaces.includes(chosen) || !chosen ? namespaces : [chosen, ...namespaces];
  return (
    <NativeSelect.Root size="sm" w={{ base: "full", sm: "190px" }} flexShrink="0">
      <NativeSelect.Field
        aria-label="Namespace"
        value={chosen}
        onChange={(event) => change({ ns: event.target.value, ...FIRST_PAGE })}
        bg="bg.panel"
        borderColor="border.control"
      >
        <option value="">All namespaces</option>
        {options.map((namespace) => (
          <option key={namespace}>{namespace}</option>
        ))}
      </NativeSelect.Field>
      <NativeSelect.Indicator />
    </NativeSelect.Root>
  );
}

export function Toolbar({ counts, namespaces }: Props) {
  const { filters, change } = useRuleFilters();
  return (
    <Flex direction={{ base: "column", xl: "row" }} gap="3" align={{ xl: "center" }}>
      <Flex gap="2" wrap={{ base: "wrap", sm: "nowrap" }} flexShrink="0" minW={{ xl: "440px" }}>
        <SearchField value={filters.search} change={(q) => change({ q, ...FIRST_PAGE })} />
        <NamespaceFilter namespaces={namespaces} />
      </Flex>
      {counts && (
        <StateChips
          counts={counts}
          chosen={filters.state}
          choose={(state) => change({ state, ...FIRST_PAGE })}
        />
      )}
    </Flex>
  );
}
