"use client";

import { Grid, Stack, Text } from "@chakra-ui/react";
import { TextField } from "@/components/ui/fields";
import type { Service } from "@/lib/api/types";
import { Link } from "@/lib/router";
import { type Discovered, namespacesOf, podsOf, serviceOf } from "./discovered";
import { useFieldError } from "./errors";
import type { Edit } from "./hooks";
import { More } from "./More";
import { newForm, type RuleForm } from "./model";
import { ServiceField } from "./ServiceField";
import { SplitEditor } from "./SplitEditor";

type Props = {
  readonly form: RuleForm;
  readonly edit: Edit;
  readonly isNew: boolean;
  readonly discovered: Discovered;
};

/** A second rule for a service would be refused. */
function RuleThere({ ruleId }: { ruleId: string }) {
  return (
    <Text fontSize="xs" color="fg.warning">
      This service has a rule already:{" "}
      <Link
        href={`/rule/?id=${ruleId}&edit=${ruleId}`}
        prefetch={false}
        style={{ textDecoration: "underline" }}
      >
        edit that one
      </Link>
    </Text>
  );
}

function Target({ form, edit, discovered }: Omit<Props, "isNew">) {
  const { services } = discovered;
  const ruleId = serviceOf(services, form)?.ruleId;
  const choose = (service: Service) =>
    edit((now) => ({ ...now, ...newForm(service), policies: now.policies }));
  return (
    <>
      <Grid templateColumns={{ base: "1fr", sm: "3fr 2fr" }} gap="3" alignItems="start">
        <ServiceField
          value={form.serviceName}
          discovered={discovered}
          type={(serviceName) => edit((now) => ({ ...now, serviceName }))}
          choose={choose}
        />
        <TextField
          label="Namespace"
          value={form.namespace}
          suggestions={namespacesOf(services)}
          error={useFieldError("/namespace")}
          change={(namespace) => edit((now) => ({ ...now, namespace }))}
        />
      </Grid>
      {ruleId && <RuleThere ruleId={ruleId} />}
    </>
  );
}

export function FormStep({ form, edit, isNew, discovered }: Props) {
  const service = serviceOf(discovered.services, form);
  return (
    <Stack gap="4">
      {isNew && <Target form={form} edit={edit} discovered={discovered} />}
      <SplitEditor form={form} edit={edit} podsOf={(arm) => podsOf(arm, service)} />
      <More form={form} edit={edit} />
    </Stack>
  );
}
