"use client";

import { Modal } from "@/components/ui/Modal";
import { Trouble } from "@/components/ui/Trouble";
import { RollbackDialog } from "@/features/revisions/RollbackDialog";
import { useRule } from "@/features/rule/hooks";
import { asApiError } from "@/lib/api/problem";
import { useQueryState } from "@/lib/query";
import { EditorModal } from "./EditorModal";
import { useDiscovered } from "./hooks";
import { newForm } from "./model";

const CLOSED = { new: null, edit: null, deploy: null, rollback: null, back: null };

type OpenProps = { close(): void };

function NewRule({ wish, close }: OpenProps & { wish: string }) {
  const { data, error } = useDiscovered();
  // Discovery failing is no reason not to write a rule by hand.
  if (!data && !error) return null;
  const services = data?.items ?? [];
  const wished = services.find(({ serviceName }) => serviceName === wish) ?? null;
  return (
    <EditorModal
      rule={null}
      blank={newForm(wished)}
      services={services}
      toDeploy={false}
      close={close}
    />
  );
}

function ExistingRule({
  ruleId,
  toDeploy,
  close,
}: OpenProps & { ruleId: string; toDeploy: boolean }) {
  const { data: rule, error } = useRule(ruleId);
  if (rule) {
    const blank = newForm(null);
    return (
      <EditorModal rule={rule} blank={blank} services={[]} toDeploy={toDeploy} close={close} />
    );
  }
  if (!error) return null;
  return (
    <Modal title="This rule could not be loaded" footer={null} close={close}>
      <Trouble error={asApiError(error)} />
    </Modal>
  );
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
  return (
    <>
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
    </>
  );
}
