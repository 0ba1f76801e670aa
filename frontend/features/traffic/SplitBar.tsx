"use client";

import { Box } from "@chakra-ui/react";
import { memo } from "react";
import { versionColor } from "@/theme/colors";
import { boundaries, starts } from "./model";

type Props = {
  readonly wanted: readonly number[];
  /** Null: nothing was observed, so the wanted split stands in, faded. */
  readonly observed: readonly number[] | null;
  readonly label: string;
  readonly height?: string;
  /** Without ticks: what is shown is what is wanted. */
  readonly plain?: boolean;
};

/** Full-width layers, each moved to where its share begins: moving them costs no layout. */
function Layers({ shares }: { shares: readonly number[] }) {
  return starts(shares).map((start, position) => (
    <Box
      // biome-ignore lint/suspicious/noArrayIndexKey: the position is the identity of a version here
      key={position}
      position="absolute"
      inset="0"
      bg={versionColor(position)}
      borderLeftWidth={start > 0 ? "2px" : "0"}
      borderColor="bg.panel"
      transition="transform 200ms ease-out"
      style={{ transform: `translateX(${Math.min(start, 100)}%)` }}
    />
  ));
}

/** Filled as observed, ticked where wanted. */
export const SplitBar = memo(function SplitBar(props: Props) {
  const { wanted, observed, label, height = "8px", plain = false } = props;
  const ticks = observed && !plain ? boundaries(wanted) : [];
  return (
    <Box position="relative" role="img" aria-label={label} h={height}>
      <Box
        position="absolute"
        inset="0"
        overflow="hidden"
        rounded="full"
        opacity={observed ? 1 : 0.45}
      >
        <Layers shares={observed ?? wanted} />
      </Box>
      {ticks.map((boundary) => (
        <Box
          key={boundary}
          position="absolute"
          top="-3px"
          bottom="-3px"
          w="2px"
          ms="-1px"
          bg="fg"
          rounded="full"
          style={{ left: `${boundary}%` }}
        />
      ))}
    </Box>
  );
});
