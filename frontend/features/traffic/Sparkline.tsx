import { Box, chakra } from "@chakra-ui/react";
import { sparkPath } from "./model";

const Area = chakra("path", { base: { fill: "version.1", opacity: 0.14 } });
const Line = chakra("path", {
  base: { fill: "none", stroke: "version.1", strokeWidth: "1.5px", strokeLinejoin: "round" },
});

type Props = {
  readonly series: readonly (number | null)[];
  readonly width: number;
  readonly height: number;
  /** Stretched to the place there is; the line keeps its thickness. */
  readonly fluid?: boolean;
};

/** The rate of the last minute; the figure beside it is its text. */
export function Sparkline({ series, width, height, fluid = false }: Props) {
  const { line, area } = sparkPath(series, width, height);
  return (
    <Box asChild w={fluid ? "full" : `${width}px`} h={`${height}px`}>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        <Area d={area} />
        <Line d={line} vectorEffect="non-scaling-stroke" />
      </svg>
    </Box>
  );
}
