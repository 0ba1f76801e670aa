"use client";

import { CloseButton, Dialog, Portal } from "@chakra-ui/react";
import type { ReactNode } from "react";

type Props = {
  readonly title: ReactNode;
  readonly wide?: boolean;
  readonly children: ReactNode;
  readonly footer: ReactNode;
  close(): void;
};

/** A dialog over the page; the whole screen where the screen is small. */
export function Modal({ title, wide = false, children, footer, close }: Props) {
  return (
    <Dialog.Root
      open
      lazyMount
      scrollBehavior="inside"
      placement="center"
      onOpenChange={({ open }) => !open && close()}
    >
      <Portal>
        <Dialog.Backdrop />
        <Dialog.Positioner>
          <Dialog.Content
            my={{ base: "0", md: "auto" }}
            h={{ base: "100dvh", md: "auto" }}
            maxH={{ base: "100dvh", md: "calc(100dvh - 4rem)" }}
            maxW={{ base: "full", md: wide ? "4xl" : "2xl" }}
            rounded={{ base: "0", md: "l3" }}
            borderWidth={{ base: "0", md: "1px" }}
          >
            <Dialog.Header px={{ base: "4", md: "6" }} pt="4" pb="3">
              <Dialog.Title fontSize="md">{title}</Dialog.Title>
            </Dialog.Header>
            <Dialog.Body px={{ base: "4", md: "6" }} pt="1" pb="4">
              {children}
            </Dialog.Body>
            {footer && (
              <Dialog.Footer
                px={{ base: "4", md: "6" }}
                py="3"
                borderTopWidth="1px"
                flexWrap="wrap"
              >
                {footer}
              </Dialog.Footer>
            )}
            <Dialog.CloseTrigger asChild>
              <CloseButton size="sm" />
            </Dialog.CloseTrigger>
          </Dialog.Content>
        </Dialog.Positioner>
      </Portal>
    </Dialog.Root>
  );
}
