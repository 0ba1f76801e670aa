"use client";

import { Button, chakra } from "@chakra-ui/react";
import { MapPinOff } from "lucide-react";
import { Link } from "@/lib/router";
import { Notice } from "./Notice";

const ButtonLink = chakra(Link);

/** An address without a page. */
export function NothingHere() {
  return (
    <Notice
      tone="neutral"
      icon={MapPinOff}
      titleAs="h1"
      title="There is nothing at this address"
      action={
        <Button asChild size="xs">
          <ButtonLink href="/" prefetch={false}>
            All rules
          </ButtonLink>
        </Button>
      }
    />
  );
}
