import { Suspense } from "react";
import { RulesSkeleton } from "@/features/rules/RulesSkeleton";
import { RulesView } from "@/features/rules/RulesView";

export default function Page() {
  return (
    <Suspense fallback={<RulesSkeleton />}>
      <RulesView />
    </Suspense>
  );
}
