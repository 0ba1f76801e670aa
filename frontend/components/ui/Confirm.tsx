"use client";

import { Button, Dialog, Portal } from "@chakra-ui/react";
import { type ReactNode, useRef, useState } from "react";
import { asApiError } from "@/lib/api/problem";
import { Trouble } from "./Trouble";

type Props = {
  readonly title: string;
  readonly children: ReactNode;
  /** The act as its button names it; null where there is nothing to confirm. */
  readonly act: string | null;
  readonly tone?: "danger" | "accent" | "warning";
  readonly cancel?: string;
  confirm(): unknown;
  close(): void;
};

/** One question before an act that reaches further than this page. */
export function Confirm(props: Props) {
  const { title, children, act, tone = "danger", cancel = "Cancel", close } = props;
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<unknown>(null);
  const safe = useRef<HTMLButtonElement>(null);
  const confirm = async () => {
    setBusy(true);
    try {
      await props.confirm();
      close();
    } catch (thrown) {
      setTrouble(thrown);
      setBusy(false);
    }
  };
  return (
    <Dialog.Root
      open
      role="alertdialog"
      placement="center"
      size="sm"
      initialFocusEl={() => safe.current}
      onOpenChange={({ open }) => !open && close()}
    >
      <Portal>
        <Dialog.Backdrop />
        <Dialog.Positioner px="4">
          <Dialog.Content>
            <Dialog.Header px="5" pt="5" pb="2">
              <Dialog.Title fontSize="md">{title}</Dialog.Title>
            </Dialog.Header>
            <Dialog.Body px="5" pt="0" pb="4">
              {children}
              {trouble !== null && <Trouble error={asApiError(trouble)} mt="3" />}
            </Dialog.Body>
            <Dialog.Footer px="5" pt="0" pb="5">
              <Button ref={safe} onClick={close}>
                {act ? cancel : "Close"}
              </Button>
              {act && (
                <Button variant="solid" colorPalette={tone} disabled={isBusy} onClick={confirm}>
                  {act}
                </Button>
              )}
            </Dialog.Footer>
          </Dialog.Content>
        </Dialog.Positioner>
      </Portal>
    </Dialog.Root>
  );
}
