"use client";

import { lazy, Suspense, useEffect } from "react";
import { RollbackDialog } from "@/features/revisions/RollbackDialog";
import { useQueryState } from "@/lib/query";

const dialogs = () => import("./EditorDialogs");
const NewRule = lazy(() => dialogs().then((module) => ({ default: module.NewRule })));
const ExistingRule = lazy(() => dialogs().then((module) => ({ default: module.ExistingRule })));

const CLOSED = { new: null, edit: null, deploy: null, rollback: null, back: null };
const WARM_AFTER_MS = 2_000;

/** Fetches the editor once the page has settled, so that it opens at once. */
function useWarmEditor() {
  useEffect(() => {
    // Failing is no news here: opening it says so.
    const warming = setTimeout(() => dialogs().catch(() => undefined), WARM_AFTER_MS);
    return () => clearTimeout(warming);
  }, []);
}

/** The dialogs about rules, opened by the address. */
export function RuleDialogs() {
  const { params, change } = useQueryState();
  const close = () => change(CLOSED);
  const wish = params.get("new");
  const edited = params.get("edit");
  const deployed = params.get("deploy");
  const rolledBack = params.get("rollback");
  const generation = params.get("back");
  const ruleId = edited ?? deployed;
  useWarmEditor();
  return (
    <Suspense>
      {wish && <NewRule wish={wish} close={close} />}
      {ruleId && (
        <ExistingRule key={ruleId} ruleId={ruleId} toDeploy={deployed !== null} close={close} />
      )}
      {rolledBack && (
        <RollbackDialog
          ruleId={rolledBack}
          generation={generation ? Number(generation) : null}
          close={close}
        />
      )}
    </Suspense>
  );
}
