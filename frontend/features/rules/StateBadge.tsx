import { Badge } from "@chakra-ui/react";
import { GitBranch } from "lucide-react";
import { memo } from "react";
import type { RuleState } from "@/lib/api/types";
import { stateLooks } from "./states";

/** A state as colour, sign and word. */
export const StateBadge = memo(function StateBadge({ state }: { state: RuleState }) {
  const { word, tone, icon: Icon } = stateLooks[state];
  return (
    <Badge colorPalette={tone} rounded="full" px="2" minH="22px" data-state={state}>
      <Icon size={12} aria-hidden="true" />
      {word}
    </Badge>
  );
});

/** The mesh is right but the paperwork is not through yet. */
export function GitBehindBadge({ why }: { why: string | null }) {
  return (
    <Badge colorPalette="warning" rounded="full" px="2" minH="22px" title={why ?? undefined}>
      <GitBranch size={12} aria-hidden="true" />
      Git behind
    </Badge>
  );
}
