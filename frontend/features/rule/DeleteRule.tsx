"use client";

import { Button } from "@chakra-ui/react";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { Confirm } from "@/components/ui/Confirm";
import type { Rule } from "@/lib/api/types";
import { useNavigate } from "@/lib/router";
import { useRuleActs } from "./hooks";

/** The rule and its documents go; the audit stays. */
export function DeleteRule({ rule }: { rule: Rule }) {
  const [isAsking, setAsking] = useState(false);
  const { remove } = useRuleActs(rule.id);
  const navigate = useNavigate();
  const wasDeployed = rule.generation !== null;
  return (
    <>
      <Button variant="ghost" colorPalette="danger" size="xs" onClick={() => setAsking(true)}>
        <Trash2 aria-hidden="true" /> Delete rule
      </Button>
      {isAsking && (
        <Confirm
          title={`Delete the rule of ${rule.serviceName}?`}
          act="Delete rule"
          confirm={() => remove(rule.edition).then(() => navigate("/"))}
          close={() => setAsking(false)}
        >
          {wasDeployed
            ? "Its route leaves the mesh and its file leaves Git. The history stays in the audit."
            : "It was never deployed, so nothing changes in the mesh."}
        </Confirm>
      )}
    </>
  );
}
