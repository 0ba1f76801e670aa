"use client";

import { useState } from "react";
import { Modal } from "@/components/ui/Modal";
import { Trouble } from "@/components/ui/Trouble";
import { useRule } from "@/features/rule/hooks";
import { asApiError } from "@/lib/api/problem";
import type { Rule } from "@/lib/api/types";
import { likelyNamespace } from "./discovered";
import { EditorModal } from "./EditorModal";
import { useDiscovered } from "./hooks";
import { newForm, type RuleForm } from "./model";

type OpenProps = { close(): void };

export function NewRule({ wish, close }: OpenProps & { wish: string }) {
  const { discovered, isKnown } = useDiscovered();
  const [blank, setBlank] = useState<RuleForm | null>(null);
  // Discovery failing is no reason not to write a rule by hand. What it says later than the
  // opening of the form must not move the form.
  if (!blank && isKnown) {
    const { services } = discovered;
    const wished = services.find(({ serviceName }) => serviceName === wish);
    setBlank(newForm(wished ?? null, likelyNamespace(services)));
  }
  if (!blank) return null;
  return (
    <EditorModal rule={null} blank={blank} discovered={discovered} toDeploy={false} close={close} />
  );
}

const NO_FORM = newForm(null);

export function ExistingRule({
  ruleId,
  toDeploy,
  close,
}: OpenProps & { ruleId: string; toDeploy: boolean }) {
  const { data, error, isValidating } = useRule(ruleId);
  const { discovered } = useDiscovered();
  const [rule, setRule] = useState<Rule | null>(null);
  // What is edited must be fresh when the form opens, and must not move under it afterwards.
  if (!rule && data && !isValidating) setRule(data);
  if (rule) {
    return (
      <EditorModal
        rule={rule}
        blank={NO_FORM}
        discovered={discovered}
        toDeploy={toDeploy}
        close={close}
      />
    );
  }
  if (!error) return null;
  return (
    <Modal title="This rule could not be loaded" footer={null} close={close}>
      <Trouble error={asApiError(error)} />
    </Modal>
  );
}
