import { Box, Grid } from "@chakra-ui/react";
import type { AuditEntry } from "@/lib/api/types";
import { AuditRow, COLUMNS, type Scope } from "./AuditRow";

const NAMES: Record<Scope, readonly string[]> = {
  everything: ["When", "Who", "What", "Service", "Summary"],
  rule: ["When", "Who", "What", "Summary"],
};

type Props = { readonly entries: readonly AuditEntry[]; readonly scope: Scope };

/** Entries as a table; under 768 px as cards. */
export function AuditList({ entries, scope }: Props) {
  return (
    <Box bg="bg.panel" borderWidth="1px" rounded="l3" overflow="hidden">
      <Grid
        aria-hidden="true"
        hideBelow="md"
        gridTemplateColumns={COLUMNS[scope]}
        columnGap="3"
        px="4"
        py="2"
        bg="bg.subtle"
        fontSize="xs"
        fontWeight="medium"
        color="fg.muted"
      >
        {NAMES[scope].map((name) => (
          <span key={name}>{name}</span>
        ))}
      </Grid>
      <Box as="ol" mt={{ base: "-1px", md: "0" }} aria-label="Audit entries">
        {entries.map((entry) => (
          <AuditRow key={entry.n} entry={entry} scope={scope} />
        ))}
      </Box>
    </Box>
  );
}
