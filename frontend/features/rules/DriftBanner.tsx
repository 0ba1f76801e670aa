"use client";

import { Button, chakra } from "@chakra-ui/react";
import { GitCompareArrows } from "lucide-react";
import { Notice } from "@/components/ui/Notice";
import { counted } from "@/lib/format";
import { Link } from "@/lib/router";
import { FIRST_PAGE, useDriftedRules, useRuleFilters } from "./hooks";
import { driftPlace } from "./model";

const ButtonLink = chakra(Link);

/** Rules that differ from what was deployed, named with where they differ. */
export function DriftBanner({ amount }: { amount: number }) {
  const { filters, change } = useRuleFilters();
  const { data } = useDriftedRules(amount > 0);
  if (amount === 0 || filters.state === "drift") return null;
  const drifted = data?.items ?? [];
  const [only] = drifted;
  const review =
    amount === 1 && only ? (
      <Button asChild size="xs" colorPalette="warning">
        <ButtonLink href={`/rule/?id=${only.id}`} prefetch={false}>
          Review
        </ButtonLink>
      </Button>
    ) : (
      <Button
        size="xs"
        colorPalette="warning"
        onClick={() => change({ state: "drift", ...FIRST_PAGE }, "push")}
      >
        Review
      </Button>
    );
  return (
    <Notice
      tone="warning"
      icon={GitCompareArrows}
      title={`${counted(amount, "rule")} ${amount === 1 ? "differs" : "differ"} from what was deployed`}
      action={review}
    >
      {drifted.map(driftPlace).join(", ")}
      {amount > drifted.length && drifted.length > 0 && " and others"}
    </Notice>
  );
}
