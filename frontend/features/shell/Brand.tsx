import { Box, chakra, HStack, Text } from "@chakra-ui/react";
import { Link } from "@/lib/router";

const HomeLink = chakra(Link);

/** The mark is the product's act: one colour handing over to another. */
export function Brand() {
  return (
    <HomeLink
      href="/"
      prefetch={false}
      px="2"
      py="1"
      rounded="l2"
      aria-label="Crossfade, all rules"
    >
      <HStack gap="2.5">
        <Box w="18px" h="18px" rounded="5px" overflow="hidden" flexShrink="0">
          <svg viewBox="0 0 18 18" width="18" height="18" aria-hidden="true">
            <Box asChild fill="version.1">
              <rect width="18" height="18" />
            </Box>
            <Box asChild fill="version.2">
              <path d="M18 0v18H5C12 15 12 3 15 0z" />
            </Box>
          </svg>
        </Box>
        <Text as="span" fontWeight="semibold" fontSize="15px" hideBelow="md">
          Crossfade
        </Text>
      </HStack>
    </HomeLink>
  );
}
