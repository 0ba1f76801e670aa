"use client";

import { Box, Button, Text } from "@chakra-ui/react";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { Confirm } from "@/components/ui/Confirm";
import { Toggle } from "@/components/ui/fields";
import { useSurrounding } from "@/features/shell/hooks";
import type { Rule } from "@/lib/api/types";
import { useNavigate } from "@/lib/router";
import { useRuleActs } from "./hooks";
import { leavingWords } from "./model";

type Props = { readonly rule: Rule; close(): void };

/** Asks once, and where there is a choice, what becomes of the routes. */
function Question({ rule, close }: Props) {
  const [isKept, setKept] = useState(false);
  const { remove } = useRuleActs(rule.id);
  const navigate = useNavigate();
  const wasDeployed = rule.generation !== null;
  // Only objects of a cluster stay without us: Envoy forgets, and a controller follows Git.
  const canKeep = useSurrounding() === "cluster" && wasDeployed;
  const mode = canKeep && isKept ? "release" : "remove";
  return (
    <Confirm
      title={`Delete the rule of ${rule.serviceName}?`}
      act="Delete rule"
      confirm={() => remove(rule.edition, mode).then(() => navigate("/"))}
      close={close}
    >
      <Text>{leavingWords(wasDeployed, mode)}</Text>
      {canKeep && (
        <Box mt="4">
          <Toggle
            label="Leave the routes as they are"
            hint="Crossfade only takes its hands off them"
            on={isKept}
            turn={setKept}
          />
        </Box>
      )}
    </Confirm>
  );
}

/** The rule and its documents go; the audit stays. */
export function DeleteRule({ rule }: { rule: Rule }) {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button variant="ghost" colorPalette="danger" size="xs" onClick={() => setAsking(true)}>
        <Trash2 aria-hidden="true" /> Delete rule
      </Button>
      {isAsking && <Question rule={rule} close={() => setAsking(false)} />}
    </>
  );
}
