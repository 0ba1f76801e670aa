import type { Metadata } from "next";
import { Suspense } from "react";
import { RuleDialogs } from "@/features/editor/RuleDialogs";
import { RuleSkeleton, RuleView } from "@/features/rule/RuleView";

export const metadata: Metadata = { title: "Rule · Crossfade" };

export default function Page() {
  return (
    <Suspense fallback={<RuleSkeleton />}>
      <RuleView />
      <RuleDialogs />
    </Suspense>
  );
}
