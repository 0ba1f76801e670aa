import { Box, Grid } from "@chakra-ui/react";
import type { AuditEntry } from "@/lib/api/types";
import { AuditRow, COLUMNS } from "./AuditRow";

const NAMES = ["When", "Who", "What", "Service", "Summary"];

/** Entries as a table; under 768 px as cards. */
export function AuditList({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <Box bg="bg.panel" borderWidth="1px" rounded="l3" overflow="hidden">
      <Grid
        aria-hidden="true"
        hideBelow="md"
        gridTemplateColumns={COLUMNS}
        columnGap="3"
        px="4"
        py="2"
        bg="bg.subtle"
        fontSize="xs"
        fontWeight="medium"
        color="fg.muted"
      >
        {NAMES.map((name) => (
          <span key={name}>{name}</span>
        ))}
      </Grid>
      <Box as="ol" mt={{ base: "-1px", md: "0" }} aria-label="Audit entries">
        {entries.map((entry) => (
          <AuditRow key={entry.n} entry={entry} />
        ))}
      </Box>
    </Box>
  );
}
