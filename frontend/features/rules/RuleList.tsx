import { Box, Grid } from "@chakra-ui/react";
import type { RuleRow as Row } from "@/lib/api/types";
import { COLUMNS, RuleRow } from "./RuleRow";

const NAMES = ["Service", "Split", "Traffic", "Worst errors"];

type Props = { readonly rows: readonly Row[]; readonly isStale: boolean };

export function RuleList({ rows, isStale }: Props) {
  return (
    <Box
      bg="bg.panel"
      borderWidth="1px"
      rounded="l3"
      overflow="hidden"
      opacity={isStale ? 0.6 : 1}
      transition="opacity 150ms"
    >
      <Grid
        aria-hidden="true"
        hideBelow="lg"
        gridTemplateColumns={COLUMNS}
        columnGap="5"
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
        <Box as="span" textAlign="end">
          State
        </Box>
      </Grid>
      <Box as="ol" mt={{ base: "-1px", lg: "0" }} aria-label="Rules">
        {rows.map((row) => (
          <RuleRow key={row.id} row={row} />
        ))}
      </Box>
    </Box>
  );
}
