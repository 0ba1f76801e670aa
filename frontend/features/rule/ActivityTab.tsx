"use client";

import { Text } from "@chakra-ui/react";
import { Bone } from "@/components/ui/Bone";
import { Trouble } from "@/components/ui/Trouble";
import { AuditList } from "@/features/audit/AuditList";
import { useRuleAudit } from "@/features/audit/hooks";
import { asApiError } from "@/lib/api/problem";
import type { Rule } from "@/lib/api/types";

/** What was done to this rule, and what came of it. */
export function ActivityTab({ rule }: { rule: Rule }) {
  const { data, error } = useRuleAudit(rule.namespace, rule.serviceName);
  if (error) return <Trouble error={asApiError(error)} />;
  if (!data) return <Bone h="40" rounded="l3" />;
  if (data.items.length === 0) return <Text color="fg.muted">Nothing happened yet.</Text>;
  return <AuditList entries={data.items} scope="rule" />;
}
