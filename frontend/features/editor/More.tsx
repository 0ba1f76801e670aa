"use client";

import { Box, chakra, Stack, Text } from "@chakra-ui/react";
import { ChevronRight } from "lucide-react";
import { Cohorts } from "./Cohorts";
import { useErrorsBelow } from "./errors";
import type { Edit } from "./hooks";
import { Mirror } from "./Mirror";
import { extrasOf, type RuleForm } from "./model";
import { Policies } from "./Policies";
import { Reach } from "./Reach";

const Fold = chakra("details", {
  base: {
    borderTopWidth: "1px",
    pt: "3",
    "& > summary svg": { transition: "transform 150ms" },
    "&[open] > summary svg": { transform: "rotate(90deg)" },
  },
});

const Summary = chakra("summary", {
  base: {
    display: "flex",
    alignItems: "center",
    gap: "2",
    minH: "6",
    rounded: "l1",
    fontWeight: "medium",
    cursor: "pointer",
    listStyle: "none",
    focusVisibleRing: "outside",
    "&::-webkit-details-marker": { display: "none" },
  },
});

/** The rest of a rule, folded until it is wanted or wrong. */
export function More({ form, edit }: { form: RuleForm; edit: Edit }) {
  const isWrong = useErrorsBelow("/cohorts", "/mirror", "/hosts", "/gateways", "/policies");
  const extras = extrasOf(form);
  return (
    <Fold open={isWrong || undefined}>
      <Summary>
        <ChevronRight size={14} aria-hidden="true" />
        More
        <Text as="span" fontWeight="normal" fontSize="xs" color="fg.muted" truncate>
          {extras || "testers, mirror, hosts, timeout, retries, faults, limits"}
        </Text>
      </Summary>
      <Stack gap="4" pt="3" separator={<Box borderTopWidth="1px" />}>
        <Cohorts form={form} edit={edit} />
        <Mirror form={form} edit={edit} />
        <Reach form={form} edit={edit} />
        <Policies policies={form.policies} edit={edit} />
      </Stack>
    </Fold>
  );
}
