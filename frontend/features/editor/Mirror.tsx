"use client";

import { SimpleGrid, Stack } from "@chakra-ui/react";
import { Choice, NumberField, Toggle } from "@/components/ui/fields";
import { useFieldError } from "./errors";
import type { Edit } from "./hooks";
import type { MirrorForm, RuleForm } from "./model";

/** A copy of a share of the requests, answers thrown away. */
export function Mirror({ form, edit }: { form: RuleForm; edit: Edit }) {
  const { mirror, arms } = form;
  const set = (next: MirrorForm | null) => edit((now) => ({ ...now, mirror: next }));
  const versionError = useFieldError("/mirror/version");
  const shareError = useFieldError("/mirror/share");
  const versions = arms.map(({ key, name }) => ({ value: String(key), text: name }));
  const nobody = { value: "", text: "choose a version" };
  return (
    <Stack gap="2">
      <Toggle
        label="Mirror"
        hint="Send a copy of some requests to a version and throw its answers away"
        on={mirror !== null}
        turn={(on) => set(on ? { armKey: arms.at(-1)?.key ?? null, share: 10 } : null)}
      />
      {mirror && (
        <SimpleGrid columns={{ base: 2, sm: 4 }} gap="3" alignItems="end">
          <Choice
            label="Copies go to"
            value={mirror.armKey === null ? "" : String(mirror.armKey)}
            error={versionError}
            options={mirror.armKey === null ? [nobody, ...versions] : versions}
            change={(value) => set({ ...mirror, armKey: value === "" ? null : Number(value) })}
          />
          <NumberField
            label="Share"
            unit="%"
            value={mirror.share}
            error={shareError}
            change={(share) => share !== null && set({ ...mirror, share })}
          />
        </SimpleGrid>
      )}
    </Stack>
  );
}
