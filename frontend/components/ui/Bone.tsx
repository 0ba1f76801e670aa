import { Box, type BoxProps } from "@chakra-ui/react";

/** A bar in the place of something that is still on its way. */
export function Bone(props: BoxProps) {
  return (
    <Box
      h="3"
      rounded="l1"
      bg="bg.muted"
      animation="pulse"
      animationDuration="1.6s"
      aria-hidden="true"
      {...props}
    />
  );
}
