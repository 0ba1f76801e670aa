"use client";

import { SimpleGrid } from "@chakra-ui/react";
import { WordsField } from "@/components/ui/fields";
import { hasPods } from "@/features/pods/model";
import { useSurrounding } from "@/features/shell/hooks";
import { useFieldErrors } from "./errors";
import type { Edit } from "./hooks";
import { MESH, type RuleForm } from "./model";

/** Which requests come under the rule at all: by their host, and by the gateway they come in. */
export function Reach({ form, edit }: { form: RuleForm; edit: Edit }) {
  const isInCluster = hasPods(useSurrounding());
  const hostErrors = useFieldErrors("/hosts");
  const gatewayErrors = useFieldErrors("/gateways");
  return (
    <SimpleGrid columns={{ base: 1, sm: 2 }} gap="3" alignItems="start">
      <WordsField
        label="Hosts"
        values={form.hosts}
        placeholder={form.serviceName || "checkout"}
        hint="Without any: the names of the service itself"
        error={hostErrors}
        change={(hosts) => edit((now) => ({ ...now, hosts }))}
      />
      {isInCluster && (
        <WordsField
          label="Gateways"
          values={form.gateways}
          placeholder={MESH}
          hint="mesh: callers inside; namespace/name: a Gateway"
          error={gatewayErrors}
          change={(gateways) => edit((now) => ({ ...now, gateways }))}
        />
      )}
    </SimpleGrid>
  );
}
