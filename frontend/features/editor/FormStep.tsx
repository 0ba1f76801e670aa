"use client";

import { Grid, Stack, Text } from "@chakra-ui/react";
import { TextField } from "@/components/ui/fields";
import type { Service } from "@/lib/api/types";
import { Link } from "@/lib/router";
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
  readonly services: readonly Service[];
};

/** Whether a service already has a rule, so that a second one would be refused. */
function existingRule(services: readonly Service[], form: RuleForm): string | null {
  const same = services.find(
    ({ serviceName, namespace }) =>
      serviceName === form.serviceName && namespace === form.namespace,
  );
  return same?.ruleId ?? null;
}

function Target({ form, edit, services }: Omit<Props, "isNew">) {
  const ruleId = existingRule(services, form);
  const choose = (service: Service) =>
    edit((now) => ({ ...now, ...newForm(service), policies: now.policies }));
  return (
    <>
      <Grid templateColumns={{ base: "1fr", sm: "3fr 2fr" }} gap="3" alignItems="start">
        <ServiceField
          value={form.serviceName}
          services={services}
          type={(serviceName) => edit((now) => ({ ...now, serviceName }))}
          choose={choose}
        />
        <TextField
          label="Namespace"
          value={form.namespace}
          error={useFieldError("/namespace")}
          change={(namespace) => edit((now) => ({ ...now, namespace }))}
        />
      </Grid>
      {ruleId && (
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
      )}
    </>
  );
}

export function FormStep({ form, edit, isNew, services }: Props) {
  return (
    <Stack gap="4">
      {isNew && <Target form={form} edit={edit} services={services} />}
      <SplitEditor form={form} edit={edit} />
      <More form={form} edit={edit} />
    </Stack>
  );
}
