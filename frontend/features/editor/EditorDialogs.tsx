"use client";

import { useState } from "react";
import { Modal } from "@/components/ui/Modal";
import { Trouble } from "@/components/ui/Trouble";
import { useRule } from "@/features/rule/hooks";
import { asApiError } from "@/lib/api/problem";
import type { Rule } from "@/lib/api/types";
import { EditorModal } from "./EditorModal";
import { useDiscovered } from "./hooks";
import { newForm } from "./model";

type OpenProps = { close(): void };

export function NewRule({ wish, close }: OpenProps & { wish: string }) {
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

export function ExistingRule({
  ruleId,
  toDeploy,
  close,
}: OpenProps & { ruleId: string; toDeploy: boolean }) {
  const { data, error, isValidating } = useRule(ruleId);
  const [rule, setRule] = useState<Rule | null>(null);
  // What is edited must be fresh when the form opens, and must not move under it afterwards.
  if (!rule && data && !isValidating) setRule(data);
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
