import { Box, type BoxProps, Flex, Heading } from "@chakra-ui/react";
import type { ReactNode } from "react";

type Props = BoxProps & { readonly heading?: string; readonly aside?: ReactNode };

/** A card: one step off the canvas, with a line around it. */
export function Panel({ heading, aside, children, ...rest }: Props) {
  return (
    <Box
      as="section"
      aria-label={heading}
      bg="bg.panel"
      borderWidth="1px"
      rounded="l3"
      p="4"
      {...rest}
    >
      {heading && (
        <Flex justify="space-between" align="center" gap="3" mb="3" minH="6">
          <Heading as="h2" fontSize="sm" fontWeight="semibold">
            {heading}
          </Heading>
          {aside}
        </Flex>
      )}
      {children}
    </Box>
  );
}
