"use client";

import { Button, chakra, Flex, Heading, Text } from "@chakra-ui/react";
import { Pencil, Undo2 } from "lucide-react";
import { StateBadge } from "@/features/rules/StateBadge";
import type { Rule } from "@/lib/api/types";
import { useQueryState } from "@/lib/query";
import { Link } from "@/lib/router";
import { nextAct } from "./model";

const Crumb = chakra(Link, { base: { rounded: "l1", _hover: { color: "fg" } } });

function Crumbs({ namespace }: { namespace: string }) {
  return (
    <Text as="nav" aria-label="Breadcrumb" color="fg.muted">
      <Crumb href="/" prefetch={false}>
        Rules
      </Crumb>
      {" / "}
      <Crumb href={`/?ns=${encodeURIComponent(namespace)}`} prefetch={false}>
        {namespace}
      </Crumb>
    </Text>
  );
}

function Acts({ rule }: { rule: Rule }) {
  const { change } = useQueryState();
  const open = (dialog: string) => () => change({ [dialog]: rule.id }, "push");
  return (
    <Flex gap="2" wrap="wrap">
      <Button onClick={open("edit")}>
        <Pencil aria-hidden="true" /> Edit
      </Button>
      {rule.generation !== null && (
        <Button variant="surface" colorPalette="danger" onClick={open("rollback")}>
          <Undo2 aria-hidden="true" /> Roll back now
        </Button>
      )}
      {nextAct(rule) === "deploy" && (
        <Button variant="solid" colorPalette="accent" onClick={open("deploy")}>
          Deploy
        </Button>
      )}
    </Flex>
  );
}

export function RuleHeader({ rule }: { rule: Rule }) {
  return (
    <div>
      <Crumbs namespace={rule.namespace} />
      <Flex justify="space-between" align="center" gap="3" wrap="wrap" mt="2">
        <Flex align="center" columnGap="3" rowGap="1" wrap="wrap" minW="0">
          <Heading as="h1" fontSize="lg" fontWeight="semibold" overflowWrap="anywhere">
            {rule.serviceName}
          </Heading>
          <StateBadge state={rule.state} />
        </Flex>
        <Acts rule={rule} />
      </Flex>
    </div>
  );
}
