import type { Metadata } from "next";
import { Suspense } from "react";
import { Bone } from "@/components/ui/Bone";
import { AuditView } from "@/features/audit/AuditView";

export const metadata: Metadata = { title: "Audit · Crossfade" };

export default function Page() {
  return (
    <Suspense fallback={<Bone h="96" rounded="l3" />}>
      <AuditView />
    </Suspense>
  );
}
