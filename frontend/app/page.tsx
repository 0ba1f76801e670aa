import { Suspense } from "react";
import { RuleDialogs } from "@/features/editor/RuleDialogs";
import { RulesSkeleton } from "@/features/rules/RulesSkeleton";
import { RulesView } from "@/features/rules/RulesView";

export default function Page() {
  return (
    <Suspense fallback={<RulesSkeleton />}>
      <RulesView />
      <RuleDialogs />
    </Suspense>
  );
}
