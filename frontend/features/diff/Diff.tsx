"use client";

import { lazy, Suspense } from "react";
import { Bone } from "@/components/ui/Bone";
import type { DiffProps } from "./DiffView";

const DiffView = lazy(() => import("./DiffView").then((module) => ({ default: module.DiffView })));

/** The view of two texts, fetched when first needed. */
export function Diff(props: DiffProps) {
  return (
    <Suspense fallback={<Bone h="40" />}>
      <DiffView {...props} />
    </Suspense>
  );
}
