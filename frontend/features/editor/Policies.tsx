"use client";

import { Flex, SimpleGrid, Stack } from "@chakra-ui/react";
import type { ReactNode } from "react";
import { NumberField, TextField, Toggle } from "@/components/ui/fields";
import type { Policies as PolicySet } from "@/lib/api/types";
import { useFieldError } from "./errors";
import type { Edit } from "./hooks";

type Props = {
  readonly policies: PolicySet;
  set(part: Partial<PolicySet>): void;
};

type PartProps = {
  readonly label: string;
  readonly hint: string;
  readonly on: boolean;
  turn(on: boolean): void;
  readonly children: ReactNode;
};

function Part({ label, hint, on, turn, children }: PartProps) {
  return (
    <Stack gap="2">
      <Toggle label={label} hint={hint} on={on} turn={turn} />
      {on && (
        <SimpleGrid columns={{ base: 2, sm: 4 }} gap="3" alignItems="end">
          {children}
        </SimpleGrid>
      )}
    </Stack>
  );
}

type AmountProps = {
  readonly pointer: string;
  readonly label: string;
  readonly value: number | null;
  readonly unit?: string;
  change(value: number): void;
};

function Amount({ pointer, change, ...rest }: AmountProps) {
  const error = useFieldError(`/policies${pointer}`);
  return (
    <NumberField {...rest} error={error} change={(value) => value !== null && change(value)} />
  );
}

type OptionalProps = Omit<AmountProps, "change"> & { change(value: number | null): void };

function OptionalAmount({ pointer, ...rest }: OptionalProps) {
  return <NumberField optional {...rest} error={useFieldError(`/policies${pointer}`)} />;
}

function Timeout({ policies: { timeoutMs }, set }: Props) {
  return (
    <Part
      label="Timeout"
      hint="How long a request may take in all"
      on={timeoutMs !== null}
      turn={(on) => set({ timeoutMs: on ? 5_000 : null })}
    >
      <Amount
        pointer="/timeoutMs"
        label="At most"
        unit="ms"
        value={timeoutMs}
        change={(value) => set({ timeoutMs: value })}
      />
    </Part>
  );
}

function Retries({ policies: { retries }, set }: Props) {
  const first = { attempts: 2, perTryTimeoutMs: null, retryOn: ["5xx"] };
  const change = (part: Partial<typeof first> | { perTryTimeoutMs: number | null }) =>
    set({ retries: { ...(retries ?? first), ...part } });
  const error = useFieldError("/policies/retries/retryOn");
  return (
    <Part
      label="Retries"
      hint="Ask again when an answer is an error"
      on={retries !== null}
      turn={(on) => set({ retries: on ? first : null })}
    >
      <Amount
        pointer="/retries/attempts"
        label="Attempts"
        value={retries?.attempts ?? null}
        change={(attempts) => change({ attempts })}
      />
      <OptionalAmount
        pointer="/retries/perTryTimeoutMs"
        label="Each at most"
        unit="ms"
        value={retries?.perTryTimeoutMs ?? null}
        change={(perTryTimeoutMs) => change({ perTryTimeoutMs })}
      />
      <TextField
        label="On"
        value={retries?.retryOn.join(", ") ?? ""}
        error={error}
        change={(text) => change({ retryOn: text.split(",").map((word) => word.trim()) })}
      />
    </Part>
  );
}

function Fault({ policies: { fault }, set }: Props) {
  const delay = fault?.delay ?? null;
  const abort = fault?.abort ?? null;
  const change = (part: Partial<NonNullable<PolicySet["fault"]>>) => {
    const next = { delay, abort, ...part };
    set({ fault: next.delay || next.abort ? next : null });
  };
  return (
    <>
      <Part
        label="Delay fault"
        hint="Hold back a share of the requests, as a test"
        on={delay !== null}
        turn={(on) => change({ delay: on ? { share: 10, durationMs: 500 } : null })}
      >
        <Amount
          pointer="/fault/delay/share"
          label="Share"
          unit="%"
          value={delay?.share ?? null}
          change={(share) => delay && change({ delay: { ...delay, share } })}
        />
        <Amount
          pointer="/fault/delay/durationMs"
          label="For"
          unit="ms"
          value={delay?.durationMs ?? null}
          change={(durationMs) => delay && change({ delay: { ...delay, durationMs } })}
        />
      </Part>
      <Part
        label="Abort fault"
        hint="Answer a share of the requests with an error, as a test"
        on={abort !== null}
        turn={(on) => change({ abort: on ? { share: 5, status: 503 } : null })}
      >
        <Amount
          pointer="/fault/abort/share"
          label="Share"
          unit="%"
          value={abort?.share ?? null}
          change={(share) => abort && change({ abort: { ...abort, share } })}
        />
        <Amount
          pointer="/fault/abort/status"
          label="Status"
          value={abort?.status ?? null}
          change={(status) => abort && change({ abort: { ...abort, status } })}
        />
      </Part>
    </>
  );
}

function OutlierDetection({ policies: { outlierDetection: outlier }, set }: Props) {
  const first = {
    consecutive5xx: 5,
    intervalMs: 10_000,
    baseEjectionMs: 30_000,
    maxEjectionPercent: 50,
  };
  const amount = (name: keyof typeof first, label: string, unit?: string) => (
    <Amount
      pointer={`/outlierDetection/${name}`}
      label={label}
      unit={unit}
      value={outlier?.[name] ?? null}
      change={(value) => set({ outlierDetection: { ...(outlier ?? first), [name]: value } })}
    />
  );
  return (
    <Part
      label="Outlier detection"
      hint="Leave out instances that keep failing"
      on={outlier !== null}
      turn={(on) => set({ outlierDetection: on ? first : null })}
    >
      {amount("consecutive5xx", "Errors in a row")}
      {amount("intervalMs", "Looked at each", "ms")}
      {amount("baseEjectionMs", "Left out for", "ms")}
      {amount("maxEjectionPercent", "At most", "%")}
    </Part>
  );
}

const NO_LIMITS = {
  maxConnections: null,
  maxPendingRequests: null,
  maxRequests: null,
  maxRequestsPerConnection: null,
};

function ConnectionLimits({ policies: { connectionLimits: limits }, set }: Props) {
  const amount = (name: keyof typeof NO_LIMITS, label: string) => (
    <OptionalAmount
      pointer={`/connectionLimits/${name}`}
      label={label}
      value={limits?.[name] ?? null}
      change={(value) => set({ connectionLimits: { ...(limits ?? NO_LIMITS), [name]: value } })}
    />
  );
  return (
    <Part
      label="Connection limits"
      hint="Bounds to what one version is asked at a time"
      on={limits !== null}
      turn={(on) => set({ connectionLimits: on ? { ...NO_LIMITS, maxConnections: 1024 } : null })}
    >
      {amount("maxConnections", "Connections")}
      {amount("maxPendingRequests", "Pending requests")}
      {amount("maxRequests", "Requests")}
      {amount("maxRequestsPerConnection", "Per connection")}
    </Part>
  );
}

export function Policies({ policies, edit }: { policies: PolicySet; edit: Edit }) {
  const set = (part: Partial<PolicySet>) =>
    edit((form) => ({ ...form, policies: { ...form.policies, ...part } }));
  const props = { policies, set };
  return (
    <Flex direction="column" gap="4">
      <Timeout {...props} />
      <Retries {...props} />
      <Fault {...props} />
      <OutlierDetection {...props} />
      <ConnectionLimits {...props} />
    </Flex>
  );
}
