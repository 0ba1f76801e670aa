"use client";

import { Button } from "@chakra-ui/react";
import { CircleAlert } from "lucide-react";
import { Notice } from "@/components/ui/Notice";

/** A fault of the page itself; mostly a chunk of an older release that is gone. */
export default function PageError({ error }: { error: Error }) {
  return (
    <Notice
      tone="danger"
      icon={CircleAlert}
      role="alert"
      titleAs="h1"
      title="This page failed; traffic in the mesh is unaffected"
      action={
        <Button size="xs" onClick={() => window.location.reload()}>
          Load it again
        </Button>
      }
    >
      {error.message}
    </Notice>
  );
}
