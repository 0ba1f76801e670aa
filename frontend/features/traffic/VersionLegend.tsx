import { Box, chakra } from "@chakra-ui/react";
import { memo } from "react";
import type { Share } from "@/lib/api/types";
import { percent } from "@/lib/format";
import { versionColor } from "@/theme/colors";

const Entry = chakra("li", {
  base: { display: "flex", alignItems: "center", gap: "1.5", minW: "0", color: "fg.muted" },
});
const Name = chakra("span", { base: { truncate: true, maxW: "14ch" } });
const Weight = chakra("b", {
  base: { fontWeight: "medium", color: "fg", fontVariantNumeric: "tabular-nums" },
});

export function Swatch({ position }: { position: number }) {
  return <Box w="2" h="2" rounded="2px" flexShrink="0" bg={versionColor(position)} />;
}

/** The versions with their wanted shares; what does not fit is counted. */
export const VersionLegend = memo(function VersionLegend(props: {
  readonly shares: readonly Share[];
  readonly limit: number;
}) {
  const shown = props.shares.slice(0, props.limit);
  const hidden = props.shares.length - shown.length;
  return (
    <Box as="ul" display="flex" flexWrap="wrap" columnGap="3" fontSize="xs" mt="1.5" minW="0">
      {shown.map(({ name, weight }, position) => (
        <Entry key={name}>
          <Swatch position={position} />
          <Name title={name}>{name}</Name>
          <Weight>{percent(weight)}</Weight>
        </Entry>
      ))}
      {hidden > 0 && <Entry>and {hidden} more</Entry>}
    </Box>
  );
});
