import { Box, Grid } from "@chakra-ui/react";
import { Bone } from "@/components/ui/Bone";
import { COLUMNS } from "./RuleRow";

const ROWS = ["a", "b", "c", "d", "e", "f"];

/** The list before its data, in its final heights. */
export function RulesSkeleton() {
  return (
    <Box bg="bg.panel" borderWidth="1px" rounded="l3" overflow="hidden" aria-hidden="true">
      <Box hideBelow="lg" h="32px" bg="bg.subtle" />
      {ROWS.map((row) => (
        <Grid
          key={row}
          gridTemplateColumns={COLUMNS}
          columnGap="5"
          px="4"
          h={{ base: "109px", lg: "65px" }}
          alignContent="center"
          alignItems="center"
          rowGap="3"
          borderTopWidth="1px"
        >
          <Bone w="55%" />
          <Bone w="16" order={{ base: 0, lg: 1 }} justifySelf="end" />
          <Bone h="2" gridColumn={{ base: "1 / -1", lg: "auto" }} />
          <Bone hideBelow="lg" />
          <Bone hideBelow="lg" />
        </Grid>
      ))}
    </Box>
  );
}
