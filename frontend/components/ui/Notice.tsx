import { Box, Flex, type FlexProps } from "@chakra-ui/react";
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

export type NoticeProps = Omit<FlexProps, "title"> & {
  readonly tone: "warning" | "danger" | "accent" | "neutral";
  readonly icon: LucideIcon;
  readonly title: ReactNode;
  readonly action?: ReactNode;
  /** A notice that is the whole page is its heading, too. */
  readonly titleAs?: "h1" | "div";
};

/** A card with a coloured edge: seen at once, and never louder than what it is about. */
export function Notice({
  tone,
  icon: Icon,
  title,
  titleAs = "div",
  action,
  children,
  ...rest
}: NoticeProps) {
  return (
    <Flex
      colorPalette={tone}
      bg="bg.panel"
      borderWidth="1px"
      borderLeftWidth="3px"
      borderLeftColor="colorPalette.solid"
      rounded="l3"
      px="4"
      py="3"
      gap="3"
      align={{ base: "start", sm: "center" }}
      {...rest}
    >
      <Box color="colorPalette.fg" pt={{ base: "0.5", sm: "0" }}>
        <Icon size={18} aria-hidden="true" />
      </Box>
      <Box flex="1" minW="0">
        <Box as={titleAs} fontWeight="medium">
          {title}
        </Box>
        {children && (
          <Box color="fg.muted" fontSize="13px">
            {children}
          </Box>
        )}
      </Box>
      {action}
    </Flex>
  );
}
